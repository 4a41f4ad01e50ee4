using Warden.Emulator.Machine;
using Warden.Emulator.Shell.Syntax;

namespace Warden.Emulator.Shell.Execution;

/// <summary>Waiting for children, and saying how they ended.</summary>
internal sealed partial class Interpreter
{
    private async ValueTask<int> WaitForegroundAsync(IReadOnlyList<int> children, Command command)
    {
        var statuses = new int[children.Count];
        var ended = new ExitStatus[children.Count];
        for (var i = 0; i < children.Count; i++)
        {
            var result = await Process.WaitAsync(children[i]);
            ended[i] = result?.Status ?? new ExitStatus(127, false);
            statuses[i] = ended[i].ShellStatus;
        }

        PipeStatus = statuses;
        if (Array.Exists(ended, static status => status.Signalled))
        {
            await ReportDeathAsync(children, ended, command, foreground: true);
        }

        if (Jobs.AnyRunning)
        {
            await ReapAsync();
        }

        return Options.PipeFail ? statuses.LastOrDefault(static status => status != 0) : statuses[^1];
    }

    /// <summary>Waits for a job and returns its status; null when a trapped signal came first.</summary>
    public async ValueTask<int?> WaitJobAsync(Job job)
    {
        foreach (var process in job.Processes)
        {
            if (!job.Ended.ContainsKey(process) && await WaitProcessAsync(process) is null)
            {
                return null;
            }
        }

        Jobs.Remove(job);
        return job.Status;
    }

    /// <summary>Waits for a process; null when a trapped signal came first, -1 when it is no child.</summary>
    public async ValueTask<int?> WaitProcessAsync(int process)
    {
        if (Jobs.TryGetStatus(process, out var known))
        {
            await NotifyEndedAsync(process);
            return known;
        }

        if (Jobs.Find(process) is null)
        {
            return -1;
        }

        try
        {
            if (await Process.WaitAsync(process, interruptible: true) is not { } result)
            {
                return null;
            }

            Jobs.Record(process, result.Status);
            await NotifyEndedAsync(process);
            return result.Status.ShellStatus;
        }
        catch (ErrnoException)
        {
            return -1;
        }
    }

    private async ValueTask NotifyEndedAsync(int process)
    {
        if (Jobs.Find(process) is { Running: false } job)
        {
            await NotifyAsync(job);
            Jobs.Remove(job);
        }
    }

    /// <summary>Waits for whichever job ends first: its status and process, or 127.</summary>
    public async ValueTask<(int Status, int Process, bool Interrupted)> WaitNextAsync(HashSet<int> wanted)
    {
        while (true)
        {
            var candidates = Jobs.All.Where(job => !job.Hidden && (wanted.Count == 0 || job.Processes.Any(wanted.Contains))).ToList();
            if (candidates.Count == 0)
            {
                return (127, 0, false);
            }

            if (candidates.Find(static job => !job.Running) is { } ended)
            {
                await NotifyAsync(ended);
                Jobs.Remove(ended);
                return (ended.Status, ended.LastProcess, false);
            }

            if (await Process.WaitAsync(null, interruptible: true) is not { } result)
            {
                return (0, 0, true);
            }

            Jobs.Record(result.ProcessId, result.Status);
        }
    }

    /// <summary>The status of a wait that a trapped signal ended, 128 and its number, once the trap has run.</summary>
    public async ValueTask<int> TakeInterruptionAsync()
    {
        if (!Process.TryTakeSignal(out var signal))
        {
            return 128;
        }

        Status = 128 + (int)signal;
        if (Traps.Get((int)signal) is { Length: > 0 } action)
        {
            await RunActionAsync(action, "trap");
        }

        return Status;
    }

    /// <summary>Takes notice of background processes that ended.</summary>
    public async ValueTask ReapAsync()
    {
        for (var i = 0; i < Jobs.All.Count; i++)
        {
            var job = Jobs.All[i];
            foreach (var process in job.Processes)
            {
                if (job.Ended.ContainsKey(process))
                {
                    continue;
                }

                try
                {
                    if (Process.TryWait(process) is { } result)
                    {
                        Jobs.Record(result.ProcessId, result.Status);
                    }
                }
                catch (ErrnoException)
                {
                    Jobs.Record(process, new ExitStatus(127, false));
                }
            }

            if (!job.Running)
            {
                await NotifyAsync(job);
            }
        }
    }

    /// <summary>Says how a background command ended, where that is worth a word.</summary>
    public async ValueTask NotifyAsync(Job job)
    {
        if (job.Notified || job.Hidden)
        {
            return;
        }

        job.Notified = true;
        if (job.Ended.Values.Any(static status => status.Signalled))
        {
            var ended = job.Processes.Select(process => job.Ended[process]).ToArray();
            await ReportDeathAsync(job.Processes, ended, job.Command, foreground: false);
        }
    }

    private async ValueTask ReportDeathAsync(IReadOnlyList<int> processes, IReadOnlyList<ExitStatus> ended, Command command, bool foreground)
    {
        var last = ended.LastOrDefault(static status => status.Signalled);
        var signal = ended[^1].Signalled ? ended[^1].Code : last.Code;
        if ((Signal)signal is Signal.INT or Signal.PIPE)
        {
            return;
        }

        if ((Signal)signal == Signal.TERM || Traps.Get(signal) is not null)
        {
            if (foreground && (Signal)signal == Signal.TERM)
            {
                await WriteErrorAsync("Terminated\n");
            }

            return;
        }

        var parts = command is PipelineCommand pipeline && pipeline.Commands.Count == processes.Count ? pipeline.Commands : [command];
        var text = new System.Text.StringBuilder(ErrorPrefix);
        for (var i = 0; i < parts.Count; i++)
        {
            var status = ended[i];
            var shown = status.Signalled ? SignalNames.Describe(status.Code) : status.Code == 0 ? "Done" : $"Exit {status.Code}";
            text.Append(i == 0 ? "" : "     ").Append($"{processes[i],5} ").Append(shown.PadRight(24)).Append(i == 0 ? "" : "| ")
                .Append(CommandPrinter.Print(parts[i])).Append('\n');
        }

        await WriteErrorAsync(text.ToString());
    }
}
