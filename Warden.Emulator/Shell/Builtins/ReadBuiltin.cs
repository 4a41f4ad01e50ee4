using System.Globalization;
using System.Text;
using Warden.Emulator.Machine;
using Warden.Emulator.Shell.Execution;
using Warden.Emulator.Shell.Syntax;

namespace Warden.Emulator.Shell.Builtins;

/// <summary>read.</summary>
internal sealed class ReadBuiltin : Builtin
{
    private const int TimedOut = 142;

    public override string Name => "read";

    public override string Usage =>
        "read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var shell = call.Shell;
        var raw = false;
        string? array = null;
        var delimiter = '\n';
        int? most = null;
        var exact = false;
        string? prompt = null;
        TimeSpan? timeout = null;
        var fd = 0;
        var scanner = new OptionScanner(call, "rsea:d:i:n:N:p:t:u:");
        while (scanner.TryNext(out var letter))
        {
            switch (letter)
            {
                case 'r':
                    raw = true;
                    break;
                case 'a':
                    array = scanner.Argument;
                    break;
                case 'd':
                    delimiter = scanner.Argument!.Length == 0 ? '\0' : scanner.Argument[0];
                    break;
                case 'n' or 'N':
                    if (!int.TryParse(scanner.Argument, out var count) || count < 0)
                    {
                        return await call.FailAsync($"{scanner.Argument}: invalid number");
                    }

                    most = count;
                    exact = letter == 'N';
                    break;
                case 'p':
                    prompt = scanner.Argument;
                    break;
                case 't':
                    if (!double.TryParse(scanner.Argument, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) || seconds < 0)
                    {
                        return await call.FailAsync($"{scanner.Argument}: invalid timeout specification");
                    }

                    timeout = TimeSpan.FromSeconds(Math.Min(seconds, 1_000_000_000));
                    break;
                case 'u':
                    if (!int.TryParse(scanner.Argument, out fd) || fd < 0)
                    {
                        return await call.FailAsync($"{scanner.Argument}: invalid file descriptor specification");
                    }

                    break;
            }
        }

        var names = call.Arguments.Skip(scanner.Index).ToList();
        foreach (var name in names)
        {
            if (!Names.IsName(DeclarationArgument.Parse(name).Name))
            {
                return await call.FailAsync($"`{name}': not a valid identifier");
            }
        }

        if (!shell.Process.TryGetFile(fd, out var file))
        {
            return await call.FailAsync($"{fd}: invalid file descriptor: Bad file descriptor");
        }

        if (prompt is not null && file.IsTerminal)
        {
            await shell.WriteErrorAsync(prompt);
        }

        if (timeout == TimeSpan.Zero)
        {
            return 0;
        }

        var input = new ReadLine(shell, fd, delimiter, most, exact, raw);
        int status;
        try
        {
            status = await input.RunAsync(timeout) switch
            {
                ReadEnd.Delimiter => 0,
                ReadEnd.Timeout => TimedOut,
                _ => 1,
            };
        }
        catch (ErrnoException error)
        {
            return await call.FailAsync($"read error: {fd}: {ErrnoException.Describe(error.Errno)}");
        }

        Assign(shell, input, names, array, exact);
        return status;
    }

    private static void Assign(Interpreter shell, ReadLine input, List<string> names, string? array, bool exact)
    {
        if (array is not null)
        {
            var variable = shell.Variables.GetOrCreate(array);
            VariableStore.CheckWritable(variable);
            variable.Scalar = null;
            variable.Indexed = [];
            variable.Attributes |= VariableAttributes.Indexed;
            var index = 0;
            foreach (var field in input.Split(shell.FieldSeparators))
            {
                variable.Indexed[index++] = field;
            }

            return;
        }

        if (names.Count == 0)
        {
            shell.SetVariable("REPLY", input.Text);
            return;
        }

        var fields = exact ? [input.Text] : input.SplitInto(shell.FieldSeparators, names.Count);
        for (var i = 0; i < names.Count; i++)
        {
            var value = i < fields.Count ? fields[i] : "";
            var target = DeclarationArgument.Parse(names[i]);
            if (target.Subscript is not null)
            {
                shell.Variables.SetElement(target.Name, target.Subscript, value);
            }
            else
            {
                shell.SetVariable(names[i], value);
            }
        }
    }
}

/// <summary>Why a line of read ended.</summary>
internal enum ReadEnd
{
    Delimiter, EndOfFile, Timeout,
}

/// <summary>One line of input, byte by byte: nothing beyond it is taken.</summary>
internal sealed class ReadLine(Interpreter shell, int fd, char delimiter, int? most, bool exact, bool raw)
{
    private readonly StringBuilder _text = new();

    // The characters that a backslash kept from splitting.
    private readonly HashSet<int> _quoted = [];

    public string Text => _text.ToString();

    public async ValueTask<ReadEnd> RunAsync(TimeSpan? timeout)
    {
        if (most == 0)
        {
            return ReadEnd.Delimiter;
        }

        var deadline = timeout is null ? (DateTimeOffset?)null : shell.Process.Clock.GetUtcNow() + timeout;
        var buffer = new byte[1];
        var escaped = false;
        while (true)
        {
            if (await shell.PendingReads.ReadAsync(shell.Process, fd, buffer, deadline) is not { } count)
            {
                return ReadEnd.Timeout;
            }

            if (count == 0)
            {
                return ReadEnd.EndOfFile;
            }

            var c = (char)buffer[0];
            if (escaped)
            {
                escaped = false;
                if (c != '\n')
                {
                    _quoted.Add(_text.Length);
                    _text.Append(c);
                }
            }
            else if (c == '\\' && !raw)
            {
                escaped = true;
                continue;
            }
            else if (c == delimiter && !exact)
            {
                return ReadEnd.Delimiter;
            }
            else if (c != '\0')
            {
                _text.Append(c);
            }

            if (_text.Length >= most)
            {
                return ReadEnd.Delimiter;
            }
        }
    }

    /// <summary>All fields.</summary>
    public List<string> Split(string separators) => SplitInto(separators, int.MaxValue);

    /// <summary>At most so many fields; the last one takes the rest.</summary>
    public List<string> SplitInto(string separators, int count)
    {
        var fields = new List<string>();
        var text = Text;
        var at = SkipBlanks(text, 0, separators);
        while (at < text.Length)
        {
            if (fields.Count == count - 1)
            {
                fields.Add(Rest(text, at, separators));
                return fields;
            }

            var start = at;
            while (at < text.Length && !Separates(text, at, separators))
            {
                at++;
            }

            fields.Add(text[start..at]);
            at = SkipBlanks(text, at, separators);
            if (at < text.Length && Separates(text, at, separators) && !IsBlank(text[at]))
            {
                at = SkipBlanks(text, at + 1, separators);
            }
        }

        return fields;
    }

    private string Rest(string text, int at, string separators)
    {
        var end = text.Length;
        while (end > at && Separates(text, end - 1, separators) && IsBlank(text[end - 1]))
        {
            end--;
        }

        // One separator alone at the end of the last field belongs to no field.
        if (end > at && Separates(text, end - 1, separators) && !IsBlank(text[end - 1]))
        {
            var body = text[at..(end - 1)];
            var only = true;
            for (var i = at; i < end - 1; i++)
            {
                only &= !Separates(text, i, separators) || IsBlank(text[i]);
            }

            if (only && !body.Any(c => separators.Contains(c)))
            {
                return body;
            }
        }

        return text[at..end];
    }

    private int SkipBlanks(string text, int at, string separators)
    {
        while (at < text.Length && Separates(text, at, separators) && IsBlank(text[at]))
        {
            at++;
        }

        return at;
    }

    private bool Separates(string text, int at, string separators) => separators.Contains(text[at]) && !_quoted.Contains(at);

    private static bool IsBlank(char c) => c is ' ' or '\t' or '\n';
}
