using System.Collections.Concurrent;
using Warden.Linux.Filesystem;
using Warden.Spec;
using Warden.Spec.Backend;

namespace Warden.Linux.Processes;

/// <summary>
/// A container's monitor as this server is connected to it: it starts jobs, keeps their output and tells their ends. When the monitor is
/// gone so is the container: what is left of its init is killed, and every job has ended.
/// </summary>
internal sealed partial class ContainerMonitor : IAsyncDisposable
{
    private static readonly TimeSpan LongestSignal = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _outOfMemory = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _initEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<uint, LinuxJob> _jobs = new();
    private readonly SemaphoreSlim _terminating = new(1, 1);
    private readonly MonitorConnection _connection;
    private readonly HostProcess? _monitor;
    private readonly HostProcess? _init;
    private readonly string _runDirectory;
    private readonly string? _syslogSocket;
    private readonly Task _gone;
    private volatile Task _signalling = Task.CompletedTask;
    private volatile bool _disposed;

    private ContainerMonitor(
        MessageSocket socket, MonitorState state, HostProcess? monitor, HostProcess? init, string runDirectory, string? syslogSocket)
    {
        _connection = new MonitorConnection(socket);
        _monitor = monitor;
        _init = init;
        _runDirectory = runDirectory;
        _syslogSocket = syslogSocket;
        InitPid = state.InitPid;
        if (state.OutOfMemory)
        {
            _outOfMemory.SetResult();
        }

        // Before the first event is taken: the end of one of these may be the next message.
        foreach (var id in state.RunningJobs)
        {
            _jobs[id] = new LinuxJob(this, id, JobLog.PathOf(runDirectory, id));
        }

        _gone = RunAsync();
    }

    /// <summary>Init's id in this process's pid namespace.</summary>
    public int InitPid { get; }

    /// <summary>Opens the container's file tree, as its init has it.</summary>
    /// <exception cref="WardenException">Init has ended.</exception>
    public ContainerRoot OpenRoot() => ContainerRoot.Open(InitPid, () => _init?.IsAlive == true);

    /// <summary>Completes when the container has run out of memory for the first time.</summary>
    public Task OutOfMemory => _outOfMemory.Task;

    /// <summary>Completes when init has ended, or the monitor and with it init.</summary>
    public Task InitEnded => _initEnded.Task;

    /// <summary>
    /// Sends a signal to every process of the container except its init. A monitor or an init that is stopped or frozen sends it once it
    /// runs again; nobody waits for that longer than a second, and until then no further signal is queued.
    /// </summary>
    public async ValueTask SignalAllAsync(StopSignal signal, CancellationToken cancellationToken)
    {
        var earlier = _signalling;
        if (!earlier.IsCompleted)
        {
            return;
        }

        var sent = _signalling =
            UnlessInitEndedAsync(MessageType.SignalAll, MonitorProtocol.SignalAll((int)signal), cancellationToken).AsTask();
        try
        {
            await sent.WaitAsync(LongestSignal, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // What does not answer is resumed and killed by its caller, who does not depend on the monitor for that.
        }
    }

    /// <summary>Lets the monitor and init go on if somebody has stopped them (SIGSTOP of signal(7)).</summary>
    public void Resume()
    {
        _monitor?.Continue();
        _init?.Continue();
    }

    /// <summary>Completes when only init is left, or not even that.</summary>
    public ValueTask WaitUntilIdleAsync(CancellationToken cancellationToken) =>
        UnlessInitEndedAsync(MessageType.WaitIdle, default, cancellationToken);

    /// <summary>Ends the connection alone: container and jobs go on, for a later server.</summary>
    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        _connection.Shutdown();
        await _gone.ConfigureAwait(false);
        _monitor?.Dispose();
        _init?.Dispose();
    }

    private async ValueTask UnlessInitEndedAsync(MessageType type, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        if (_initEnded.Task.IsCompleted)
        {
            return;
        }

        MonitorMessage answer;
        try
        {
            answer = await _connection.CallAsync(type, body).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (MonitorGoneException) when (!_disposed)
        {
            // No process of the container outlives its init, and init ends with the monitor.
            await _gone.WaitAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        if (answer.Type == MessageType.Failed && !_initEnded.Task.IsCompleted)
        {
            throw MonitorFailure.Decode(answer).OfRequest();
        }
    }

    private async Task RunAsync()
    {
        // The constructor comes to its end first.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await _connection.RunAsync(Take).ConfigureAwait(false);
        if (_disposed)
        {
            return;
        }

        _init?.Kill();
        _monitor?.Kill();
        await Task.WhenAll(_init?.Ended ?? Task.CompletedTask, _monitor?.Ended ?? Task.CompletedTask).ConfigureAwait(false);
        foreach (var job in _jobs.Values)
        {
            job.CompleteFromLog();
        }

        _initEnded.TrySetResult();
    }

    private void Take(MonitorMessage message)
    {
        switch (message.Type)
        {
            case MessageType.JobEnded:
                var end = JobEndRecord.Decode(message.AtLeast(JobEndRecord.Size));
                if (_jobs.TryGetValue(end.Job, out var job))
                {
                    job.Complete(end);
                }

                break;
            case MessageType.OutOfMemory:
                _outOfMemory.TrySetResult();
                break;
            case MessageType.InitEnded:
                _initEnded.TrySetResult();
                break;
        }
    }
}
