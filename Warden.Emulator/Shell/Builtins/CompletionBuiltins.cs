using Warden.Emulator.Shell.Execution;
using Warden.Emulator.Shell.Expansion;

namespace Warden.Emulator.Shell.Builtins;

/// <summary>compgen: the candidates of the common actions.</summary>
internal sealed class CompgenBuiltin : Builtin
{
    public override string Name => "compgen";

    public override string Usage => "compgen [-abcdefgjksuv] [-A action] [-W wordlist] [-P prefix] [-S suffix] [word]";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var shell = call.Shell;
        var candidates = new List<string>();
        var prefix = "";
        var suffix = "";
        var actions = new List<string>();
        string? words = null;
        var scanner = new OptionScanner(call, "abcdefgjksuvA:W:P:S:");
        while (scanner.TryNext(out var letter))
        {
            switch (letter)
            {
                case 'A':
                    actions.Add(scanner.Argument!);
                    break;
                case 'W':
                    words = scanner.Argument;
                    break;
                case 'P':
                    prefix = scanner.Argument!;
                    break;
                case 'S':
                    suffix = scanner.Argument!;
                    break;
                default:
                    actions.Add(letter switch
                    {
                        'a' => "alias",
                        'b' => "builtin",
                        'c' => "command",
                        'd' => "directory",
                        'e' => "export",
                        'f' => "file",
                        'k' => "keyword",
                        'v' => "variable",
                        _ => "",
                    });
                    break;
            }
        }

        var word = scanner.Index < call.Arguments.Count ? call.Arguments[scanner.Index] : "";
        foreach (var action in actions)
        {
            candidates.AddRange(Candidates(shell, action, word));
        }

        if (words is not null)
        {
            candidates.AddRange(words.Split(shell.FieldSeparators.ToCharArray(), StringSplitOptions.RemoveEmptyEntries));
        }

        var matching = candidates.Where(candidate => candidate.StartsWith(word, StringComparison.Ordinal)).ToList();
        await shell.WriteAsync(string.Concat(matching.Select(candidate => $"{prefix}{candidate}{suffix}\n")));
        return matching.Count > 0 ? 0 : 1;
    }

    private static IEnumerable<string> Candidates(Interpreter shell, string action, string word) => action switch
    {
        "alias" => shell.Aliases.Keys.Order(StringComparer.Ordinal),
        "builtin" => BuiltinTable.All.Select(static builtin => builtin.Name),
        "keyword" => Keywords.All,
        "function" => shell.Functions.Keys.Order(StringComparer.Ordinal),
        "variable" => shell.VariableNames(""),
        "export" => shell.Variables.All.Where(static variable => variable.Has(VariableAttributes.Export)).Select(static variable => variable.Name),
        "file" => new PathExpander(shell).Expand(PatternMatcher.Escape(word) + "*"),
        "directory" => new PathExpander(shell).Expand(PatternMatcher.Escape(word) + "*").Where(shell.IsDirectory),
        "command" => Keywords.All.Concat(shell.Functions.Keys).Concat(BuiltinTable.All.Select(static builtin => builtin.Name)),
        _ => [],
    };
}

/// <summary>complete, compopt: a shell without a terminal completes nothing and takes the specifications in silence.</summary>
internal sealed class CompleteBuiltin : Builtin
{
    public override string Name => "complete";

    public override ValueTask<int> RunAsync(BuiltinCall call) => new(0);
}

/// <summary>history: a shell that is not interactive keeps none.</summary>
internal sealed class HistoryBuiltin : Builtin
{
    public override string Name => "history";

    public override string Usage => "history [-c] [-d offset] [n] or history -anrw [filename] or history -ps arg [arg...]";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var scanner = new OptionScanner(call, "acd:npsrw");
        scanner.All();
        if (scanner.Index < call.Arguments.Count && !long.TryParse(call.Arguments[scanner.Index], out _))
        {
            return await call.FailAsync($"{call.Arguments[scanner.Index]}: numeric argument required");
        }

        return 0;
    }
}
