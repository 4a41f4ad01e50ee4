using System.Diagnostics;
using Warden.Spec.Backend;

namespace Warden.Emulator.Machine;

// The process table, and what the server does with processes from outside.
public sealed partial class EmulatedContainer
{
    private const int MaxProcessId = 32768;

    private readonly Dictionary<int, Process> _processes = [];
    private TaskCompletionSource? _idle;
    private int _lastProcessId = 1;
    private long _cpuTicks;
    private bool _isDestroyed;

    /// <summary>The processes, init first, zombies included.</summary>
    public IReadOnlyList<Process> Processes
    {
        get
        {
            lock (Gate)
            {
                return [.. _processes.Values.OrderBy(process => process.Id)];
            }
        }
    }

    /// <summary>The container's first process, which adopts and reaps orphans.</summary>
    internal Process Init { get; }

    /// <summary>The processes in no order; with the gate held.</summary>
    internal IReadOnlyCollection<Process> Table => _processes.Values;

    /// <summary>CPU time of all processes, those that have ended included; a little even for those that did nothing.</summary>
    internal TimeSpan ProcessorTime
    {
        get
        {
            lock (Gate)
            {
                var running = TimeSpan.Zero;
                foreach (var process in _processes.Values)
                {
                    if (process.IsAlive)
                    {
                        running += process.ProcessorTime.Own;
                    }
                }

                return running + Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _cpuTicks));
            }
        }
    }

    /// <summary>Starts a program as a child of init, as the server does for a job or a copy.</summary>
    /// <exception cref="ErrnoException">The program cannot run, or the container is being destroyed (ESRCH).</exception>
    internal Process StartProcess(ProcessOptions options)
    {
        var process = Adopt(options);
        return Process.Start(process, options.Path, options.Arguments, options.Environment, prepare: null);
    }

    /// <summary>Runs code of the server as a process of the container, with that process's rights and calls.</summary>
    /// <param name="options">The process; its path is what /proc shows.</param>
    /// <param name="main">The code; its value is the exit status.</param>
    internal Process StartProcess(ProcessOptions options, Func<Process, ValueTask<int>> main)
    {
        var process = Adopt(options);
        process.Start(main);
        return process;
    }

    /// <summary>Sends a signal to every process but init.</summary>
    internal void SignalAll(Signal signal) => SignalWhere(signal, static (_, _) => true, 0);

    /// <summary>Sends a signal to every process of a session.</summary>
    internal void SignalSession(int session, Signal signal) =>
        SignalWhere(signal, static (process, wanted) => process.SessionId == wanted, session);

    /// <summary>Completes when only init is left.</summary>
    internal Task WaitUntilIdleAsync(CancellationToken cancellationToken = default)
    {
        lock (Gate)
        {
            if (_processes.Count <= 1)
            {
                return Task.CompletedTask;
            }

            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Kills every process; none can be started any more.</summary>
    internal void Destroy()
    {
        lock (Gate)
        {
            _isDestroyed = true;
        }

        SignalAll(Signal.KILL);
        if (Init.BeginTermination(new ExitStatus((int)Signal.KILL, Signalled: true)))
        {
            Init.FinishTermination();
        }
    }

    /// <summary>EAGAIN when the user has as many processes as RLIMIT_NPROC allows. With the gate held.</summary>
    internal void RequireRoomForProcess(Process template)
    {
        if (_isDestroyed)
        {
            throw new ErrnoException(Errno.ESRCH);
        }

        var limit = template.GetLimit(ResourceLimit.Nproc).Soft;
        if (template.UserId == 0 || (ulong)_processes.Count < limit)
        {
            return;
        }

        if ((ulong)_processes.Values.Count(process => process.UserId == template.UserId) >= limit)
        {
            throw new ErrnoException(Errno.EAGAIN);
        }
    }

    internal int NextProcessId()
    {
        if (_processes.Count >= MaxProcessId - 1)
        {
            throw new ErrnoException(Errno.EAGAIN);
        }

        do
        {
            _lastProcessId = _lastProcessId >= MaxProcessId ? 2 : _lastProcessId + 1;
        }
        while (_processes.ContainsKey(_lastProcessId));
        return _lastProcessId;
    }

    internal Process? FindProcess(int id) => _processes.GetValueOrDefault(id);

    internal void Add(Process process) => _processes.Add(process.Id, process);

    internal void Remove(Process process)
    {
        _processes.Remove(process.Id);
        if (_processes.Count <= 1)
        {
            _idle?.TrySetResult();
            _idle = null;
        }
    }

    internal void AddCpu(long ticks) => Interlocked.Add(ref _cpuTicks, Math.Max(ticks, Stopwatch.Frequency / 1_000_000));

    private Process Adopt(ProcessOptions options)
    {
        var process = Process.MakeChild(Init, Init, Process.ForkedBytes);
        process.Prepare(options);
        return process;
    }

    private void SignalWhere(Signal signal, Func<Process, int, bool> wanted, int argument)
    {
        Process[] targets;
        lock (Gate)
        {
            targets = [.. _processes.Values.Where(process => process.Id != 1 && wanted(process, argument))];
            if (signal == Signal.KILL)
            {
                // All are dead before the gate opens, so that none makes a child meanwhile that would get away.
                targets = Array.FindAll(targets, process => process.BeginTermination(new ExitStatus((int)signal, Signalled: true)));
            }
        }

        foreach (var process in targets)
        {
            if (signal == Signal.KILL)
            {
                process.FinishTermination();
            }
            else
            {
                process.Raise(signal);
            }
        }
    }
}

/// <summary>A process that is started from outside the container.</summary>
internal sealed record ProcessOptions
{
    /// <summary>The program's path.</summary>
    public required string Path { get; init; }

    /// <summary>The arguments, the program's name first.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The environment.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>The user; its primary group has the same number.</summary>
    public uint UserId { get; init; }

    /// <summary>The current directory; the root where it does not exist.</summary>
    public string Directory { get; init; } = "/";

    /// <summary>The files at descriptors 0, 1, 2 …; null leaves one closed.</summary>
    public IReadOnlyList<OpenFile?> Files { get; init; } = [];

    /// <summary>The resource limits, soft and hard alike.</summary>
    public ResourceLimitSet Limits { get; init; } = ResourceLimitSet.Default;
}
