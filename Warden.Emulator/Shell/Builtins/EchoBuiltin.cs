using System.Text;
using Warden.Emulator.Shell.Syntax;

namespace Warden.Emulator.Shell.Builtins;

/// <summary>echo.</summary>
internal sealed class EchoBuiltin : Builtin
{
    public override string Name => "echo";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var newline = true;
        var escapes = call.Shell.Options.IsShopt("xpg_echo");
        var index = 1;
        for (; index < call.Arguments.Count; index++)
        {
            var argument = call.Arguments[index];
            if (argument.Length < 2 || argument[0] != '-' || argument.AsSpan(1).ContainsAnyExcept('n', 'e', 'E'))
            {
                break;
            }

            foreach (var letter in argument.AsSpan(1))
            {
                newline &= letter != 'n';
                escapes = letter == 'e' || (letter != 'E' && escapes);
            }
        }

        var text = new StringBuilder();
        for (var i = index; i < call.Arguments.Count; i++)
        {
            if (i > index)
            {
                text.Append(' ');
            }

            if (!escapes)
            {
                text.Append(call.Arguments[i]);
            }
            else if (!TryAppendEscaped(text, call.Arguments[i]))
            {
                newline = false;
                break;
            }
        }

        if (newline)
        {
            text.Append('\n');
        }

        await call.Shell.WriteAsync(text.ToString());
        return 0;
    }

    /// <summary>Appends a text with the escapes of echo -e and %b; false when \c ended the output.</summary>
    public static bool TryAppendEscaped(StringBuilder result, string text, bool octalWithoutZero = false)
    {
        for (var i = 0; i < text.Length;)
        {
            if (text[i] != '\\' || i + 1 >= text.Length)
            {
                result.Append(text[i++]);
                continue;
            }

            i++;
            if (text[i] == 'c')
            {
                return false;
            }

            if (octalWithoutZero && text[i] is >= '1' and <= '7')
            {
                AnsiQuoting.TryEscape(text, ref i, result, octalNeedsZero: false);
            }
            else if (!AnsiQuoting.TryEscape(text, ref i, result, octalNeedsZero: true))
            {
                result.Append('\\').Append(text[i++]);
            }
        }

        return true;
    }
}
