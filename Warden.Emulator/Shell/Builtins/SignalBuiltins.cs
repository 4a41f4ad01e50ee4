using Warden.Emulator.Machine;
using Warden.Emulator.Shell.Execution;
using Warden.Emulator.Shell.Expansion;

namespace Warden.Emulator.Shell.Builtins;

/// <summary>trap.</summary>
internal sealed class TrapBuiltin : Builtin
{
    public override string Name => "trap";

    public override string Usage => "trap [-lp] [[arg] signal_spec ...]";

    public override bool Special => true;

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var shell = call.Shell;
        var scanner = new OptionScanner(call, "lp");
        var letters = scanner.All();
        if (letters.Contains('l'))
        {
            await shell.WriteAsync(KillBuiltin.Table());
            return 0;
        }

        var arguments = call.Arguments.Skip(scanner.Index).ToList();
        if (arguments.Count == 0 || letters.Contains('p'))
        {
            return await ListAsync(call, arguments);
        }

        string? action = arguments[0];
        var signals = arguments.Skip(1).ToList();
        if (arguments.Count == 1)
        {
            if (Parse(arguments[0]) is null)
            {
                throw new BuiltinUsageException("");
            }

            action = null;
            signals = arguments;
        }
        else if (action == "-" || (action.Length > 0 && action.All(char.IsAsciiDigit) && Parse(action) is not null))
        {
            signals = action == "-" ? signals : arguments;
            action = null;
        }

        var status = 0;
        foreach (var signal in signals)
        {
            if (Parse(signal) is not { } number)
            {
                status = await call.FailAsync($"{signal}: invalid signal specification");
                continue;
            }

            Set(shell, number, action);
        }

        return status;
    }

    private static void Set(Interpreter shell, int number, string? action)
    {
        if (number is > 0 and <= 31 && (Signal)number is not (Signal.KILL or Signal.STOP))
        {
            // What was ignored when the shell started stays so.
            if (shell.IgnoredAtStart.Contains(number))
            {
                return;
            }

            shell.Process.SetSignalAction((Signal)number, action switch
            {
                null => SignalAction.Default,
                "" => SignalAction.Ignore,
                _ => SignalAction.Handle,
            });
        }

        if (number == TrapTable.Return && shell.Frames.Count > 0)
        {
            shell.Frames[^1].SetsReturnTrap = true;
        }

        shell.Traps.Set(number, action);
    }

    private static int? Parse(string text) => text.ToUpperInvariant() switch
    {
        "DEBUG" or "SIGDEBUG" => TrapTable.Debug,
        "ERR" or "SIGERR" => TrapTable.Error,
        "RETURN" or "SIGRETURN" => TrapTable.Return,
        _ => SignalNames.Parse(text),
    };

    private static async ValueTask<int> ListAsync(BuiltinCall call, List<string> names)
    {
        var shell = call.Shell;
        var status = 0;
        if (names.Count == 0)
        {
            foreach (var (number, action) in shell.Traps.All)
            {
                await shell.WriteAsync(Show(number, action));
            }

            return 0;
        }

        foreach (var name in names)
        {
            if (Parse(name) is not { } number)
            {
                status = await call.FailAsync($"{name}: invalid signal specification");
            }
            else if (shell.Traps.GetListed(number) is { } action)
            {
                await shell.WriteAsync(Show(number, action));
            }
        }

        return status;
    }

    private static string Show(int number, string action)
    {
        var name = number switch
        {
            TrapTable.Exit => "EXIT",
            TrapTable.Debug => "DEBUG",
            TrapTable.Error => "ERR",
            TrapTable.Return => "RETURN",
            _ => "SIG" + SignalNames.Name(number),
        };
        return $"trap -- {Quoting.SingleAlways(action)} {name}\n";
    }
}

/// <summary>kill.</summary>
internal sealed class KillBuiltin : Builtin
{
    public override string Name => "kill";

    public override string Usage => "kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var shell = call.Shell;
        var signal = (int)Signal.TERM;
        var index = 1;
        while (index < call.Arguments.Count)
        {
            var argument = call.Arguments[index];
            if (argument is "-l" or "-L")
            {
                return await ListAsync(call, index + 1);
            }

            if (argument == "--")
            {
                index++;
                break;
            }

            if (argument is "-s" or "-n")
            {
                if (index + 1 >= call.Arguments.Count)
                {
                    return await call.FailAsync($"{argument}: option requires an argument");
                }

                if (SignalNames.Parse(call.Arguments[index + 1]) is not { } named)
                {
                    return await call.FailAsync($"{call.Arguments[index + 1]}: invalid signal specification");
                }

                signal = named;
                index += 2;
                continue;
            }

            if (argument.Length < 2 || argument[0] != '-')
            {
                break;
            }

            if (SignalNames.Parse(argument[1..]) is not { } number)
            {
                return await call.FailAsync($"{argument[1..]}: invalid signal specification");
            }

            signal = number;
            index++;
            break;
        }

        if (index >= call.Arguments.Count)
        {
            throw new BuiltinUsageException("");
        }

        var sent = 0;
        var failed = 0;
        foreach (var target in call.Arguments.Skip(index))
        {
            if (target == "--")
            {
                continue;
            }

            failed += await KillAsync(call, target, signal) ? 0 : 1;
            sent++;
        }

        if (shell.Process.HasPendingSignal)
        {
            await shell.RunPendingTrapsAsync();
        }

        await shell.Process.CheckpointAsync();
        return failed == sent && sent > 0 ? 1 : failed > 0 ? 1 : 0;
    }

    private static async ValueTask<bool> KillAsync(BuiltinCall call, string target, int signal)
    {
        var shell = call.Shell;
        var processes = new List<int>();
        if (target.StartsWith('%'))
        {
            if (JobSpecification.Find(shell, target) is not { } job)
            {
                await call.FailAsync($"{target}: no such job");
                return false;
            }

            processes.AddRange(job.Processes);
        }
        else if (int.TryParse(target, out var process))
        {
            processes.Add(process);
        }
        else
        {
            await call.FailAsync($"{target}: arguments must be process or job IDs");
            return false;
        }

        foreach (var process in processes)
        {
            try
            {
                if (signal > 31)
                {
                    // Nobody handles real-time signals here, and their default is to end the process.
                    shell.Process.Kill(process, null);
                    continue;
                }

                shell.Process.Kill(process, signal == 0 ? null : (Signal)signal);
            }
            catch (ErrnoException error)
            {
                await call.FailAsync($"({process}) - {ErrnoException.Describe(error.Errno)}");
                return false;
            }
        }

        return true;
    }

    private static async ValueTask<int> ListAsync(BuiltinCall call, int index)
    {
        if (index >= call.Arguments.Count)
        {
            await call.Shell.WriteAsync(Table());
            return 0;
        }

        var status = 0;
        foreach (var argument in call.Arguments.Skip(index))
        {
            if (int.TryParse(argument, out var number))
            {
                var name = number == 0 ? "EXIT" : SignalNames.Name(number > 128 ? number - 128 : number);
                if (name is not null)
                {
                    await call.Shell.WriteAsync(name + "\n");
                    continue;
                }
            }
            else if (SignalNames.Parse(argument) is { } parsed)
            {
                await call.Shell.WriteAsync(parsed + "\n");
                continue;
            }

            status = await call.FailAsync($"{argument}: invalid signal specification");
        }

        return status;
    }

    /// <summary>The table of kill -l.</summary>
    public static string Table()
    {
        var text = new System.Text.StringBuilder();
        var column = 0;
        for (var number = 1; number <= 64; number++)
        {
            if (SignalNames.Name(number) is not { } name)
            {
                continue;
            }

            text.Append($"{number,2}) SIG{name}");
            column = (column + 1) % 5;
            text.Append(column == 0 ? '\n' : '\t');
        }

        return text.Append('\n').ToString();
    }
}
