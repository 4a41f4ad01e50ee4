using Warden.Emulator.Machine;
using Warden.Spec.Backend;
using Warden.Spec.Server.Syslog;

namespace Warden.Emulator.Backend;

/// <summary>
/// A job of an emulated container: a bash whose standard output and error go to a log. It ends when bash has exited. Where something holds its
/// output open then, it waits a moment for what is on its way (<c>exec > >(tee log)</c>); later output goes to syslog alone.
/// </summary>
internal sealed class EmulatedJob : IBackendJob
{
    /// <summary>How long a job waits for the end of its output once its script has exited, in real time: it is no wait of the machine's.</summary>
    private static readonly TimeSpan LastOutput = TimeSpan.FromMilliseconds(100);

    /// <summary>As many bytes are kept of what comes in that time, which no limit kills for.</summary>
    private const long LateMaximum = 1 << 20;

    private readonly TaskCompletionSource<JobEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly OutputLog _output = new();
    private readonly JobSpec _spec;
    private readonly Action<EmulatedJob> _forget;
    private readonly SyslogLines? _lines;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? _process;
    private int _open = 2;
    private int _limitExceeded;
    private int _completed;
    private long _late;

    public EmulatedJob(JobSpec spec, SyslogLines? lines, Action<EmulatedJob> forget)
    {
        _spec = spec;
        _lines = lines;
        _forget = forget;
    }

    /// <inheritdoc/>
    public uint Id => _spec.Id;

    /// <inheritdoc/>
    public Task<JobEnd> Ended => _ended.Task;

    /// <inheritdoc/>
    public IJobOutput Output => _output;

    /// <inheritdoc/>
    public void Forget() => _forget(this);

    /// <summary>Follows the job's process, whose output goes to <see cref="TakeAsync"/>.</summary>
    public void Attach(Process process)
    {
        _process = process;
        if (Volatile.Read(ref _limitExceeded) != 0)
        {
            KillSession();
        }

        _ = FollowAsync(process);
    }

    /// <summary>Takes what a process of the job prints.</summary>
    public ValueTask TakeAsync(Process writer, OutputStream stream, ReadOnlyMemory<byte> data)
    {
        if (Volatile.Read(ref _completed) != 0)
        {
            _lines?.Write(stream, data.Span);
            return ValueTask.CompletedTask;
        }

        if (Volatile.Read(ref _limitExceeded) != 0)
        {
            // One that has left the session is killed where it goes on printing.
            writer.Raise(Signal.KILL);
            return ValueTask.CompletedTask;
        }

        _lines?.Write(stream, data.Span);
        var isLate = _process is { Exited.IsCompleted: true };
        if (!_spec.DiscardOutput
            && !_output.Append(stream, data.Span, _spec.OutputLimit ?? long.MaxValue)
            && !isLate
            && Interlocked.Exchange(ref _limitExceeded, 1) == 0)
        {
            KillSession();
        }

        if (isLate && Interlocked.Add(ref _late, data.Length) > LateMaximum)
        {
            _closed.TrySetResult();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Nothing holds one of the two streams open any more.</summary>
    public void CloseOne()
    {
        if (Interlocked.Decrement(ref _open) == 0)
        {
            _lines?.Complete();
            _closed.TrySetResult();
        }
    }

    private async Task FollowAsync(Process process)
    {
        var status = await process.Exited.ConfigureAwait(false);
        if (Volatile.Read(ref _limitExceeded) == 0)
        {
            await _closed.Task.WaitAsync(LastOutput).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Complete(status.Signalled ? 255 : status.Code);
    }

    private void Complete(int exitStatus)
    {
        if (Interlocked.Exchange(ref _completed, 1) != 0)
        {
            return;
        }

        var exceeded = Volatile.Read(ref _limitExceeded) != 0;
        _output.Complete();
        _ended.TrySetResult(new JobEnd(exceeded ? 255 : exitStatus, exceeded));
    }

    private void KillSession() => _process?.Container.SignalSession(_process.SessionId, Signal.KILL);
}
