using Warden.Emulator.Shell.Execution;

namespace Warden.Emulator.Shell;

/// <summary>The command line of a shell.</summary>
internal sealed class Invocation
{
    public required string Name { get; init; }

    public string? Command { get; private set; }

    public string? File { get; private set; }

    public bool ShowVersion { get; private set; }

    public string? Error { get; private set; }

    public List<string> Operands { get; } = [];

    public List<(string Name, bool On)> Options { get; } = [];

    public List<(string Name, bool On)> Shopts { get; } = [];

    public static Invocation Parse(IReadOnlyList<string> arguments)
    {
        var call = new Invocation { Name = arguments.Count > 0 ? arguments[0].TrimStart('-') is { Length: > 0 } name ? name : "bash" : "bash" };
        call.Read(arguments);
        return call;
    }

    private void Read(IReadOnlyList<string> arguments)
    {
        var takesCommand = false;
        var standardInput = false;
        var i = 1;
        for (; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (argument is "--" or "-")
            {
                i++;
                break;
            }

            if (argument.StartsWith("--", StringComparison.Ordinal))
            {
                if (!TryLong(argument, ref i))
                {
                    Error = $"{argument}: invalid option";
                    return;
                }

                continue;
            }

            if (argument.Length < 2 || argument[0] is not ('-' or '+'))
            {
                break;
            }

            var on = argument[0] == '-';
            foreach (var letter in argument[1..])
            {
                switch (letter)
                {
                    case 'c':
                        takesCommand = true;
                        break;
                    case 's':
                        standardInput = true;
                        break;
                    case 'i' or 'l' or 'r' or 'D':
                        break;
                    case 'o' or 'O' when i + 1 < arguments.Count:
                        (letter == 'o' ? Options : Shopts).Add((arguments[++i], on));
                        break;
                    default:
                        if (ShellOptions.SetTable.FirstOrDefault(row => row.Letter == letter).Name is not { } option)
                        {
                            Error = $"{argument[0]}{letter}: invalid option";
                            return;
                        }

                        Options.Add((option, on));
                        break;
                }
            }
        }

        if (takesCommand)
        {
            if (i >= arguments.Count)
            {
                Error = "-c: option requires an argument";
                return;
            }

            Command = arguments[i++];
        }
        else if (!standardInput && i < arguments.Count)
        {
            File = arguments[i++];
        }

        for (; i < arguments.Count; i++)
        {
            Operands.Add(arguments[i]);
        }
    }

    private bool TryLong(string argument, ref int i)
    {
        switch (argument)
        {
            case "--version":
                ShowVersion = true;
                return true;
            case "--posix":
                Options.Add(("posix", true));
                return true;
            case "--verbose":
                Options.Add(("verbose", true));
                return true;
            case "--norc" or "--noprofile" or "--login" or "--noediting" or "--restricted":
                return true;
            case "--rcfile" or "--init-file":
                i++;
                return true;
            default:
                return false;
        }
    }
}
