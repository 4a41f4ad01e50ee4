using Warden.Emulator.Machine;
using Warden.Emulator.Shell.Execution;

namespace Warden.Emulator.Shell.Builtins;

/// <summary>Jobs as %1, %+, %-, %text and %?text name them.</summary>
internal static class JobSpecification
{
    public static Job? Find(Interpreter shell, string text)
    {
        var jobs = shell.Jobs.All.Where(static job => !job.Hidden && !job.Disowned).ToList();
        var name = text.StartsWith('%') ? text[1..] : text;
        if (name is "" or "%" or "+")
        {
            return jobs.LastOrDefault();
        }

        if (name == "-")
        {
            return jobs.Count > 1 ? jobs[^2] : jobs.LastOrDefault();
        }

        if (int.TryParse(name, out var number))
        {
            return jobs.Find(job => job.Number == number);
        }

        return jobs.FindLast(job => name[0] == '?'
            ? CommandPrinter.Print(job.Command).Contains(name[1..], StringComparison.Ordinal)
            : CommandPrinter.Print(job.Command).StartsWith(name, StringComparison.Ordinal));
    }
}

/// <summary>jobs.</summary>
internal sealed class JobsBuiltin : Builtin
{
    public override string Name => "jobs";

    public override string Usage => "jobs [-lnprs] [jobspec ...] or jobs -x command [args]";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var shell = call.Shell;
        var scanner = new OptionScanner(call, "lnprs");
        var letters = scanner.All();
        var all = shell.ShownJobs.Where(static job => !job.Hidden && !job.Disowned).ToList();
        var wanted = all;
        if (scanner.Index < call.Arguments.Count)
        {
            wanted = [];
            foreach (var argument in call.Arguments.Skip(scanner.Index))
            {
                if (JobSpecification.Find(shell, argument) is not { } job)
                {
                    return await call.FailAsync($"{argument}: no such job");
                }

                wanted.Add(job);
            }
        }

        foreach (var job in wanted)
        {
            if (letters.Contains('s') || (letters.Contains('r') && !job.Running))
            {
                continue;
            }

            var text = letters.Contains('p') ? $"{job.Processes[0]}\n" : Show(job, all, letters.Contains('l'));
            await shell.WriteAsync(text);
            if (!job.Running)
            {
                shell.Jobs.Remove(job);
            }
        }

        return 0;
    }

    private static string Show(Job job, List<Job> all, bool withProcess)
    {
        var index = all.IndexOf(job);
        var mark = index == all.Count - 1 ? '+' : index == all.Count - 2 ? '-' : ' ';
        var state = job.Running ? "Running" : job.Status == 0 ? "Done" : $"Exit {job.Status}";
        var process = withProcess ? $"{job.Processes[0],5} " : "";
        return $"[{job.Number}]{mark} {(withProcess ? "" : " ")}{process}{state,-24}{CommandPrinter.Print(job.Command)}{(job.Running ? " &" : "")}\n";
    }
}

/// <summary>fg and bg, which need job control.</summary>
internal sealed class ForegroundBuiltin(string name) : Builtin
{
    public override string Name => name;

    public override string Usage => name == "fg" ? "fg [job_spec]" : "bg [job_spec ...]";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var shell = call.Shell;
        if (!shell.Options.Monitor)
        {
            return await call.FailAsync("no job control");
        }

        var argument = call.Arguments.Count > 1 ? call.Arguments[1] : "%+";
        if (JobSpecification.Find(shell, argument) is not { } job)
        {
            return await call.FailAsync(call.Arguments.Count > 1 ? $"{argument}: no such job" : "current: no such job");
        }

        foreach (var process in job.Processes)
        {
            if (!job.Ended.ContainsKey(process))
            {
                shell.Process.Kill(process, Signal.CONT);
            }
        }

        if (name == "bg")
        {
            await shell.WriteAsync($"[{job.Number}]+ {CommandPrinter.Print(job.Command)} &\n");
            return 0;
        }

        await shell.WriteAsync(CommandPrinter.Print(job.Command) + "\n");
        return await shell.WaitJobAsync(job) ?? 1;
    }
}

/// <summary>disown.</summary>
internal sealed class DisownBuiltin : Builtin
{
    public override string Name => "disown";

    public override string Usage => "disown [-h] [-ar] [jobspec ... | pid ...]";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var shell = call.Shell;
        var scanner = new OptionScanner(call, "har");
        var letters = scanner.All();
        if (letters.Contains('a') || letters.Contains('r'))
        {
            shell.Jobs.All.ForEach(static job => job.Disowned = true);
            return 0;
        }

        var arguments = call.Arguments.Skip(scanner.Index).DefaultIfEmpty("%+");
        var status = 0;
        foreach (var argument in arguments)
        {
            var job = int.TryParse(argument, out var process) ? shell.Jobs.Find(process) : JobSpecification.Find(shell, argument);
            if (job is null)
            {
                status = await call.FailAsync($"{(argument == "%+" ? "current" : argument)}: no such job");
                continue;
            }

            job.Disowned = !letters.Contains('h') || job.Disowned;
        }

        return status;
    }
}

/// <summary>wait.</summary>
internal sealed class WaitBuiltin : Builtin
{
    public override string Name => "wait";

    public override string Usage => "wait [-fn] [-p var] [id ...]";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var shell = call.Shell;
        var next = false;
        string? variable = null;
        var scanner = new OptionScanner(call, "fnp:");
        while (scanner.TryNext(out var letter))
        {
            next |= letter == 'n';
            variable = scanner.Argument ?? variable;
        }

        if (variable is not null)
        {
            shell.UnsetVariable(variable);
        }

        var arguments = call.Arguments.Skip(scanner.Index).ToList();
        if (next)
        {
            return await NextAsync(call, arguments, variable);
        }

        if (arguments.Count == 0)
        {
            foreach (var job in shell.Jobs.All.ToArray())
            {
                if (await shell.WaitJobAsync(job) is null)
                {
                    return await shell.TakeInterruptionAsync();
                }
            }

            return 0;
        }

        var status = 0;
        foreach (var argument in arguments)
        {
            if (argument.StartsWith('%'))
            {
                if (JobSpecification.Find(shell, argument) is not { } job)
                {
                    status = await call.FailAsync($"{argument}: no such job", 127);
                    continue;
                }

                if (await shell.WaitJobAsync(job) is not { } ended)
                {
                    return await shell.TakeInterruptionAsync();
                }

                status = ended;
                Remember(shell, variable, job.LastProcess);
                continue;
            }

            if (!int.TryParse(argument, out var process) || process < 0)
            {
                status = await call.FailAsync($"`{argument}': not a pid or valid job spec");
                continue;
            }

            if (await shell.WaitProcessAsync(process) is not { } result)
            {
                return await shell.TakeInterruptionAsync();
            }

            if (result < 0)
            {
                status = await call.FailAsync($"pid {process} is not a child of this shell", 127);
                continue;
            }

            status = result;
            Remember(shell, variable, process);
        }

        return status;
    }

    private static void Remember(Interpreter shell, string? variable, int process)
    {
        if (variable is not null)
        {
            shell.SetVariable(variable, process.ToString());
        }
    }

    private static async ValueTask<int> NextAsync(BuiltinCall call, List<string> arguments, string? variable)
    {
        var shell = call.Shell;
        var wanted = arguments.Select(argument => argument.StartsWith('%')
            ? JobSpecification.Find(shell, argument)?.LastProcess ?? -1 : int.TryParse(argument, out var process) ? process : -1).ToHashSet();
        var (ended, process, interrupted) = await shell.WaitNextAsync(wanted);
        if (interrupted)
        {
            return await shell.TakeInterruptionAsync();
        }

        if (process != 0)
        {
            Remember(shell, variable, process);
        }

        return ended;
    }
}

/// <summary>suspend.</summary>
internal sealed class SuspendBuiltin : Builtin
{
    public override string Name => "suspend";

    public override string Usage => "suspend [-f]";

    public override async ValueTask<int> RunAsync(BuiltinCall call)
    {
        var scanner = new OptionScanner(call, "f");
        if (!scanner.All().Contains('f') && !call.Shell.Options.Monitor)
        {
            return await call.FailAsync("cannot suspend: no job control");
        }

        call.Shell.Process.Kill(call.Shell.Process.Id, Signal.STOP);
        await call.Shell.Process.CheckpointAsync();
        return 0;
    }
}
