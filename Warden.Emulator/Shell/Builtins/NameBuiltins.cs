using Warden.Emulator.Shell.Execution;
using Warden.Emulator.Shell.Expansion;

namespace Warden.Emulator.Shell.Builtins;

/// <summary>alias.</summary>
internal sealed class AliasBuiltin : Builtin
{
    public override string Name => "alias";

    public override string Usage => "alias [-p] [name[=value] ... ]";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var shell = call.Shell;
        var scanner = new OptionScanner(call, "p");
        var all = scanner.All().Contains('p') || scanner.Index >= call.Arguments.Count;
        if (all)
        {
            foreach (var (name, value) in shell.Aliases.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
            {
                await shell.WriteAsync(Show(name, value));
            }
        }

        var status = 0;
        foreach (var argument in call.Arguments.Skip(scanner.Index))
        {
            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                var name = argument[..equals];
                if (name.AsSpan().IndexOfAny("/$`'\"\\ \t&|;()<>") >= 0)
                {
                    status = await call.FailAsync($"`{name}': invalid alias name");
                    continue;
                }

                shell.Aliases[name] = argument[(equals + 1)..];
            }
            else if (shell.Aliases.TryGetValue(argument, out var value))
            {
                await shell.WriteAsync(Show(argument, value));
            }
            else
            {
                status = await call.FailAsync($"{argument}: not found");
            }
        }

        return status;
    }

    private static string Show(string name, string value) => $"alias {name}={Quoting.SingleAlways(value)}\n";
}

/// <summary>unalias.</summary>
internal sealed class UnaliasBuiltin : Builtin
{
    public override string Name => "unalias";

    public override string Usage => "unalias [-a] name [name ...]";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var scanner = new OptionScanner(call, "a");
        if (scanner.All().Contains('a'))
        {
            call.Shell.Aliases.Clear();
            return 0;
        }

        if (scanner.Index >= call.Arguments.Count)
        {
            throw new BuiltinUsageException("");
        }

        var status = 0;
        foreach (var name in call.Arguments.Skip(scanner.Index))
        {
            if (!call.Shell.Aliases.Remove(name))
            {
                status = await call.FailAsync($"{name}: not found");
            }
        }

        return status;
    }
}

/// <summary>type.</summary>
internal sealed class TypeBuiltin : Builtin
{
    /// <summary>How a command is described.</summary>
    public enum Style
    {
        Long, Word, Path, Command,
    }

    public override string Name => "type";

    public override string Usage => "type [-afptP] name [name ...]";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var scanner = new OptionScanner(call, "afptP");
        var letters = scanner.All();
        var style = letters.Contains('t') ? Style.Word : letters.Contains('p') || letters.Contains('P') ? Style.Path : Style.Long;
        var status = 0;
        foreach (var name in call.Arguments.Skip(scanner.Index))
        {
            var found = await DescribeAsync(call.Shell, name, style, letters.Contains('a'), letters.Contains('P'), letters.Contains('f'));
            if (!found)
            {
                status = 1;
                if (style == Style.Long)
                {
                    await call.FailAsync($"{name}: not found");
                }
            }
        }

        return status;
    }

    /// <summary>Describes a command; false when there is none of that name.</summary>
    public static async ValueTask<bool> DescribeAsync(
        Interpreter shell, string name, Style style, bool all, bool onlyPath = false, bool noFunctions = false)
    {
        var found = false;
        foreach (var (longText, word, command) in Find(shell, name, all, onlyPath, noFunctions))
        {
            var text = style switch
            {
                Style.Long => longText,
                Style.Word => word,
                Style.Path => word == "file" ? command : null,
                _ => command,
            };
            found = true;
            if (text is not null)
            {
                await shell.WriteAsync(text + "\n");
            }

            if (!all)
            {
                break;
            }
        }

        return found;
    }

    private static IEnumerable<(string Long, string Word, string Command)> Find(
        Interpreter shell, string name, bool all, bool onlyPath, bool noFunctions)
    {
        if (!onlyPath)
        {
            if (shell.Options.ExpandAliases && shell.Aliases.TryGetValue(name, out var alias))
            {
                yield return ($"{name} is aliased to `{alias}'", "alias", $"alias {name}={Quoting.SingleAlways(alias)}");
            }

            if (Keywords.All.Contains(name))
            {
                yield return ($"{name} is a shell keyword", "keyword", name);
            }

            if (!noFunctions && shell.Functions.TryGetValue(name, out var function))
            {
                yield return ($"{name} is a function\n{CommandPrinter.PrintFunction(function.Definition)}", "function", name);
            }

            if (shell.FindBuiltin(name) is { } builtin)
            {
                var special = shell.Options.Posix && builtin.Special ? "special " : "";
                yield return ($"{name} is a {special}shell builtin", "builtin", name);
            }
        }

        if (name.Contains('/'))
        {
            if (shell.IsExecutable(name))
            {
                yield return ($"{name} is {name}", "file", name);
            }

            yield break;
        }

        if (!all && !onlyPath && shell.Hashed.TryGetValue(name, out var hashed))
        {
            yield return ($"{name} is hashed ({hashed.Path})", "file", hashed.Path);
            yield break;
        }

        foreach (var path in shell.FindInPath(name, shell.GetParameter("PATH") ?? "").Where(shell.IsExecutable))
        {
            yield return ($"{name} is {path}", "file", path);
        }
    }
}

/// <summary>The words that the grammar reserves.</summary>
internal static class Keywords
{
    public static IReadOnlySet<string> All { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "if", "then", "else", "elif", "fi", "case", "esac", "for", "select", "while", "until", "do", "done", "in", "function", "time", "{", "}", "!",
        "[[", "]]", "coproc",
    };
}

/// <summary>hash.</summary>
internal sealed class HashBuiltin : Builtin
{
    public override string Name => "hash";

    public override string Usage => "hash [-lr] [-p pathname] [-dt] [name ...]";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var shell = call.Shell;
        var scanner = new OptionScanner(call, "dlp:rt");
        string? path = null;
        var letters = new HashSet<char>();
        while (scanner.TryNext(out var letter))
        {
            letters.Add(letter);
            path = scanner.Argument ?? path;
        }

        var names = call.Arguments.Skip(scanner.Index).ToList();
        if (letters.Contains('r'))
        {
            shell.Hashed.Clear();
        }

        if (names.Count == 0)
        {
            if (letters.Contains('r'))
            {
                return 0;
            }

            if (shell.Hashed.Count == 0)
            {
                if (!letters.Contains('l'))
                {
                    await shell.WriteAsync("hash: hash table empty\n");
                }

                return 0;
            }

            await shell.WriteAsync(letters.Contains('l') ? "" : "hits\tcommand\n");
            foreach (var (name, entry) in shell.Hashed)
            {
                await shell.WriteAsync(letters.Contains('l') ? $"builtin hash -p {entry.Path} {name}\n" : $"{entry.Hits,4}\t{entry.Path}\n");
            }

            return 0;
        }

        var status = 0;
        foreach (var name in names)
        {
            if (path is not null)
            {
                shell.Hashed[name] = (path, 0);
            }
            else if (letters.Contains('d'))
            {
                status = shell.Hashed.Remove(name) ? status : await call.FailAsync($"{name}: not found");
            }
            else if (letters.Contains('t'))
            {
                if (shell.Hashed.TryGetValue(name, out var entry))
                {
                    await shell.WriteAsync(names.Count > 1 ? $"{name}\t{entry.Path}\n" : entry.Path + "\n");
                }
                else
                {
                    status = await call.FailAsync($"{name}: not found");
                }
            }
            else if (!name.Contains('/') && shell.FindBuiltin(name) is null && !shell.Functions.ContainsKey(name))
            {
                if (shell.FindInPath(name, shell.GetParameter("PATH") ?? "").FirstOrDefault(shell.IsExecutable) is { } found)
                {
                    shell.Hashed[name] = (found, 0);
                }
                else
                {
                    status = await call.FailAsync($"{name}: not found");
                }
            }
        }

        return status;
    }
}

/// <summary>enable.</summary>
internal sealed class EnableBuiltin : Builtin
{
    public override string Name => "enable";

    public override string Usage => "enable [-a] [-dnps] [-f filename] [name ...]";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var shell = call.Shell;
        var scanner = new OptionScanner(call, "anps");
        var letters = scanner.All();
        if (scanner.Index >= call.Arguments.Count)
        {
            foreach (var builtin in BuiltinTable.All)
            {
                var on = !shell.DisabledBuiltins.Contains(builtin.Name);
                if (letters.Contains('a') || on != letters.Contains('n'))
                {
                    if (!letters.Contains('s') || builtin.Special)
                    {
                        await shell.WriteAsync($"enable {(on ? "" : "-n ")}{builtin.Name}\n");
                    }
                }
            }

            return 0;
        }

        var status = 0;
        foreach (var name in call.Arguments.Skip(scanner.Index))
        {
            if (BuiltinTable.Find(name) is null)
            {
                status = await call.FailAsync($"{name}: not a shell builtin");
            }
            else if (letters.Contains('n'))
            {
                shell.DisabledBuiltins.Add(name);
            }
            else
            {
                shell.DisabledBuiltins.Remove(name);
            }
        }

        return status;
    }
}

/// <summary>help, which knows the synopses.</summary>
internal sealed class HelpBuiltin : Builtin
{
    public override string Name => "help";

    public override string Usage => "help [-dms] [pattern ...]";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var scanner = new OptionScanner(call, "dms");
        scanner.All();
        var patterns = call.Arguments.Skip(scanner.Index).ToList();
        if (patterns.Count == 0)
        {
            await call.Shell.WriteAsync("GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)\n"
                + string.Concat(BuiltinTable.All.Select(static builtin => $" {builtin.Usage}\n")));
            return 0;
        }

        var found = false;
        foreach (var builtin in BuiltinTable.All.Where(builtin => patterns.Exists(pattern => PatternMatcher.IsMatch(pattern, builtin.Name, true))))
        {
            found = true;
            await call.Shell.WriteAsync($"{builtin.Name}: {builtin.Usage}\n");
        }

        return found ? 0 : await call.FailAsync($"no help topics match `{patterns[^1]}'.  Try `help help' or `man -k {patterns[^1]}' or `info {patterns[^1]}'.");
    }
}

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
                        'a' => "alias", 'b' => "builtin", 'c' => "command", 'd' => "directory", 'e' => "export", 'f' => "file", 'k' => "keyword",
                        'v' => "variable", _ => "",
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
