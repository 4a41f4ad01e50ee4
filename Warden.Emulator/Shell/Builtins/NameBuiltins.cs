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
