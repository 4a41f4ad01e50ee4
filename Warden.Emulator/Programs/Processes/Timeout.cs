using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Timeout() : GnuProgram("timeout")
{
    protected override int FailureStatus => 125;

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("+k:s:v", "kill-after= k", "signal= s", "preserve-status", "foreground", "verbose v");
        if (o.Operands.Count < 2)
        {
            throw c.Usage();
        }
        Signal? signal = Signal.TERM;
        if (o.Last("s") is { } name && !SignalNames.TryParse(name, out signal))
        {
            throw c.Usage($"{Quote.Locale(name)}: invalid signal");
        }
        var killAfter = Parse(c, o.Last("k") ?? "0");
        var limit = Parse(c, o.Operands[0]);
        var foreground = o.Has("foreground");
        if (!foreground)
        {
            c.Process.SetProcessGroup(c.Process.Id, c.Process.Id);
        }
        Process child;
        try
        {
            child = Execution.Spawn(c, o.Operands[1..]);
        }
        catch (ErrnoException failure)
        {
            c.Warn($"failed to run command {Quote.Always(o.Operands[1])}: {failure.Message}");
            return Execution.StatusOf(failure);
        }
        using var watch = new Watch(c.Process, child.Id, signal, foreground);
        watch.Start(limit, killAfter);
        var status = await watch.WaitAsync(limit, killAfter);
        if (status.Signalled && watch.TimedOut && status.Code == (int)Signal.KILL)
        {
            return status.ShellStatus;
        }
        if (watch.TimedOut && !o.Has("preserve-status"))
        {
            return 124;
        }
        if (status.Signalled && !watch.TimedOut)
        {
            // The end of the command is passed on as it was.
            c.Process.SetSignalAction((Signal)status.Code, SignalAction.Default);
            c.Process.DieBy((Signal)status.Code);
        }
        return status.ShellStatus;
    }

    private static TimeSpan Parse(Invocation c, string text) =>
        Durations.TryParse(text, out var time) ? time : throw c.Usage($"invalid time interval {Quote.Locale(text)}");

    /// <summary>Sends the signals when their times have come, and passes on what timeout itself is sent.</summary>
    private sealed class Watch(Process process, int child, Signal? signal, bool foreground) : IDisposable
    {
        private static readonly Signal[] PassedOn = [Signal.TERM, Signal.INT, Signal.QUIT, Signal.HUP];
        private ITimer? _timer;
        private ITimer? _killTimer;
        private volatile bool _timedOut;

        public bool TimedOut => _timedOut;

        public void Start(TimeSpan limit, TimeSpan killAfter)
        {
            foreach (var one in PassedOn)
            {
                process.SetSignalAction(one, SignalAction.Handle);
            }
            if (limit > TimeSpan.Zero)
            {
                _timer = process.Clock.CreateTimer(
                    _ =>
                    {
                        _timedOut = true;
                        StartKillTimer(killAfter);
                        Send(signal);
                    },
                    null, limit, System.Threading.Timeout.InfiniteTimeSpan);
            }
        }

        public async ValueTask<ExitStatus> WaitAsync(TimeSpan limit, TimeSpan killAfter)
        {
            _ = limit;
            while (true)
            {
                if (await process.WaitAsync(child, interruptible: true) is { } ended)
                {
                    return ended.Status;
                }
                while (process.TryTakeSignal(out var received))
                {
                    if (!_timedOut)
                    {
                        StartKillTimer(killAfter);
                        Send(received);
                    }
                }
            }
        }

        public void Dispose()
        {
            _timer?.Dispose();
            _killTimer?.Dispose();
        }

        private void StartKillTimer(TimeSpan killAfter)
        {
            if (killAfter > TimeSpan.Zero)
            {
                _killTimer ??= process.Clock.CreateTimer(_ => Send(Signal.KILL), null, killAfter, System.Threading.Timeout.InfiniteTimeSpan);
            }
        }

        private void Send(Signal? which)
        {
            try
            {
                process.Kill(child, which);
                if (!foreground && which is { } known)
                {
                    if (known != Signal.KILL)
                    {
                        process.SetSignalAction(known, SignalAction.Ignore);
                    }
                    process.Kill(-process.Id, known);
                }
                if (which is not (Signal.KILL or Signal.CONT))
                {
                    process.Kill(child, Signal.CONT);
                }
            }
            catch (Exception failure) when (failure is ErrnoException or OperationCanceledException)
            {
                // The command, or timeout itself, has ended meanwhile.
            }
        }
    }
}
