using System.Text;
using Warden.Emulator.Shell.Execution;

namespace Warden.Emulator.Shell.Builtins;

/// <summary>set.</summary>
internal sealed class SetBuiltin : Builtin
{
    public override string Name => "set";

    public override string Usage => "set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]";

    public override bool Special => true;

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var shell = call.Shell;
        if (call.Arguments.Count == 1)
        {
            var text = new StringBuilder();
            foreach (var variable in shell.Variables.All.Where(static variable => variable.Value is not null || variable.IsArray))
            {
                text.Append(Declarations.Plain(variable)).Append('\n');
            }

            foreach (var (_, function) in shell.Functions.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
            {
                text.Append(CommandPrinter.PrintFunction(function.Definition)).Append('\n');
            }

            await shell.WriteAsync(text.ToString());
            return 0;
        }

        for (var i = 1; i < call.Arguments.Count; i++)
        {
            var argument = call.Arguments[i];
            if (argument is "--" or "-")
            {
                if (argument == "-")
                {
                    shell.Options.TrySet("xtrace", false);
                    shell.Options.TrySet("verbose", false);
                    if (i + 1 == call.Arguments.Count)
                    {
                        return 0;
                    }
                }

                shell.Positional = [.. call.Arguments.Skip(i + 1)];
                return 0;
            }

            if (argument.Length < 2 || argument[0] is not ('-' or '+'))
            {
                shell.Positional = [.. call.Arguments.Skip(i)];
                return 0;
            }

            var on = argument[0] == '-';
            foreach (var letter in argument.AsSpan(1).ToString())
            {
                if (letter == 'o')
                {
                    if (i + 1 >= call.Arguments.Count)
                    {
                        await ListAsync(shell, on);
                        continue;
                    }

                    var name = call.Arguments[++i];
                    if (!shell.Options.TrySet(name, on))
                    {
                        return await call.FailAsync($"{name}: invalid option name", 2);
                    }

                    continue;
                }

                if (!TryLetter(shell.Options, letter, on))
                {
                    throw new BuiltinUsageException($"{argument[0]}{letter}: invalid option");
                }
            }
        }

        return 0;
    }

    /// <summary>Switches the option of a letter; false when there is none.</summary>
    public static bool TryLetter(ShellOptions options, char letter, bool on)
    {
        foreach (var row in ShellOptions.SetTable)
        {
            if (row.Letter == letter && letter != '\0')
            {
                return options.TrySet(row.Name, on);
            }
        }

        return false;
    }

    private static async ValueTask ListAsync(Interpreter shell, bool table)
    {
        var text = new StringBuilder();
        foreach (var (name, _) in ShellOptions.SetTable)
        {
            text.Append(table
                ? $"{name,-15}\t{(shell.Options[name] ? "on" : "off")}\n"
                : $"set {(shell.Options[name] ? '-' : '+')}o {name}\n");
        }

        await shell.WriteAsync(text.ToString());
    }
}

/// <summary>shopt.</summary>
internal sealed class ShoptBuiltin : Builtin
{
    public override string Name => "shopt";

    public override string Usage => "shopt [-pqsu] [-o] [optname ...]";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var shell = call.Shell;
        var scanner = new OptionScanner(call, "pqsuo");
        var letters = scanner.All();
        var ofSet = letters.Contains('o');
        if (letters.Contains('s') && letters.Contains('u'))
        {
            return await call.FailAsync("cannot set and unset shell options simultaneously");
        }

        var names = call.Arguments.Skip(scanner.Index).ToList();
        var change = letters.Contains('s') || letters.Contains('u');
        bool IsOn(string name) => ofSet ? shell.Options[name] : shell.Options.IsShopt(name);
        if (names.Count == 0)
        {
            var all = ofSet ? ShellOptions.SetTable.Select(static row => row.Name) : ShellOptions.ShoptTable.Select(static row => row.Name);
            var text = new StringBuilder();
            foreach (var name in all.Where(name => !change || IsOn(name) == letters.Contains('s')))
            {
                text.Append(Show(name, IsOn(name), letters.Contains('p'), ofSet));
            }

            await shell.WriteAsync(letters.Contains('q') ? "" : text.ToString());
            return 0;
        }

        var status = 0;
        foreach (var name in names)
        {
            var known = ofSet ? ShellOptions.SetTable.Any(row => row.Name == name) : ShellOptions.ShoptTable.Any(row => row.Name == name);
            if (!known)
            {
                status = await call.FailAsync($"{name}: invalid {(ofSet ? "option name" : "shell option name")}");
                continue;
            }

            if (change)
            {
                _ = ofSet ? shell.Options.TrySet(name, letters.Contains('s')) : shell.Options.TryShopt(name, letters.Contains('s'));
                continue;
            }

            if (!letters.Contains('q'))
            {
                await shell.WriteAsync(Show(name, IsOn(name), letters.Contains('p'), ofSet));
            }

            status = IsOn(name) ? status : 1;
        }

        return status;
    }

    private static string Show(string name, bool on, bool command, bool ofSet) => (command, ofSet) switch
    {
        (true, true) => $"set {(on ? '-' : '+')}o {name}\n",
        (true, false) => $"shopt -{(on ? 's' : 'u')} {name}\n",
        _ => $"{name,-15}\t{(on ? "on" : "off")}\n",
    };
}
