using Warden.Emulator.Shell.Execution;
using Warden.Emulator.Shell.Expansion;

namespace Warden.Emulator.Shell.Builtins;

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
