using Warden.Emulator.Shell.Syntax;

namespace Warden.Emulator.Shell.Builtins;

/// <summary>let.</summary>
internal sealed class LetBuiltin : Builtin
{
    public override string Name => "let";

    public override string Usage => "let arg [arg ...]";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        if (call.Arguments.Count == 1)
        {
            return await call.FailAsync("expression expected");
        }

        var value = 0L;
        foreach (var expression in call.Arguments.Skip(1))
        {
            if (await call.Shell.EvaluateReportedAsync(expression, "let: ") is not { } result)
            {
                return 1;
            }

            value = result;
        }

        return value != 0 ? 0 : 1;
    }
}

/// <summary>getopts.</summary>
internal sealed class GetOptionsBuiltin : Builtin
{
    public override string Name => "getopts";

    public override string Usage => "getopts optstring name [arg ...]";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var shell = call.Shell;
        if (call.Arguments.Count < 3)
        {
            throw new BuiltinUsageException("");
        }

        var letters = call.Arguments[1];
        var name = call.Arguments[2];
        if (!Names.IsName(name))
        {
            return await call.FailAsync($"`{name}': not a valid identifier");
        }

        var silent = letters.StartsWith(':');
        var arguments = call.Arguments.Count > 3 ? [.. call.Arguments.Skip(3)] : shell.Positional;
        var index = int.TryParse(shell.GetParameter("OPTIND"), out var current) ? Math.Max(1, current) : 1;
        var position = shell.GetOptionsPosition;
        if (position == 0)
        {
            if (index > arguments.Count || arguments[index - 1].Length < 2 || arguments[index - 1][0] != '-' || arguments[index - 1] == "--")
            {
                if (index <= arguments.Count && arguments[index - 1] == "--")
                {
                    index++;
                }

                shell.SetVariable("OPTIND", index.ToString());
                shell.UnsetVariable("OPTARG");
                shell.SetVariable(name, "?");
                return 1;
            }

            position = 1;
        }

        var word = arguments[index - 1];
        var letter = word[position++];
        var known = letter == ':' ? -1 : letters.IndexOf(letter, silent ? 1 : 0);
        var takes = known >= 0 && known + 1 < letters.Length && letters[known + 1] == ':';
        var result = letter.ToString();
        string? argument = null;
        string? message = null;
        if (known < 0)
        {
            result = "?";
            argument = silent ? letter.ToString() : null;
            message = $"illegal option -- {letter}";
        }
        else if (takes)
        {
            if (position < word.Length)
            {
                argument = word[position..];
            }
            else if (index < arguments.Count)
            {
                argument = arguments[index++];
            }
            else
            {
                result = silent ? ":" : "?";
                argument = silent ? letter.ToString() : null;
                message = $"option requires an argument -- {letter}";
            }

            position = word.Length;
        }

        if (position >= word.Length)
        {
            index++;
            position = 0;
        }

        shell.SetVariable("OPTIND", index.ToString());
        shell.GetOptionsPosition = position;
        if (message is not null && !silent && shell.GetParameter("OPTERR") != "0")
        {
            await shell.WriteErrorAsync($"{shell.ProgramName}: {message}\n");
        }

        if (argument is null)
        {
            shell.UnsetVariable("OPTARG");
        }
        else
        {
            shell.SetVariable("OPTARG", argument);
        }

        shell.SetVariable(name, result);
        return 0;
    }
}
