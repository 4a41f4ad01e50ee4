using System.Text;

namespace Warden.Emulator.Programs;

internal sealed class Echo() : GnuProgram("echo")
{
    protected override ValueTask<int> MainAsync(Invocation c)
    {
        var newline = true;
        var escapes = false;
        var first = 0;
        while (first < c.Arguments.Count && IsOption(c.Arguments[first]))
        {
            foreach (var letter in c.Arguments[first++].AsSpan(1))
            {
                newline &= letter != 'n';
                escapes = letter == 'e' || (letter != 'E' && escapes);
            }
        }
        var text = string.Join(' ', c.Arguments.Skip(first));
        if (escapes)
        {
            var output = new StringBuilder();
            for (var i = 0; i < text.Length;)
            {
                if (text[i] != '\\')
                {
                    output.Append(text[i++]);
                    continue;
                }
                i++;
                if (!Escapes.Append(output, text, ref i, echo: true))
                {
                    newline = false;
                    break;
                }
            }
            text = output.ToString();
        }
        c.Write(newline ? text + "\n" : text);
        return ValueTask.FromResult(0);
    }

    private static bool IsOption(string argument) =>
        argument.Length > 1 && argument[0] == '-' && argument.AsSpan(1).IndexOfAnyExcept("neE") < 0;
}
