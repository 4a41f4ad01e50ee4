using Warden.Emulator.Machine;
using Warden.Spec.Backend;
using Warden.Spec.Server.Syslog;

namespace Warden.Emulator.Backend;

/// <summary>
/// A job of an emulated container: a bash whose standard output and error go to a log. It ends when bash has ended and nothing holds
/// its output open any more, so that what its background processes print is not lost. One over its output limit ends with its bash: what
/// has left its session may hold the output open for ever.
/// </summary>
internal sealed class EmulatedJob : IBackendJob
{
    private readonly TaskCompletionSource<JobEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly OutputLog _output = new();
    private readonly JobSpec _spec;
    private readonly Action<EmulatedJob> _forget;
    private readonly SyslogLines? _lines;
    private Process? _process;
    private int _open = 3;
    private int _limitExceeded;
    private int _completed;
    private ExitStatus _status;

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
        if (Volatile.Read(ref _limitExceeded) != 0)
        {
            // One that has left the session is killed where it goes on printing.
            writer.Raise(Signal.KILL);
            return ValueTask.CompletedTask;
        }

        _lines?.Write(stream, data.Span);
        if (!_spec.DiscardOutput
            && !_output.Append(stream, data.Span, _spec.OutputLimit ?? long.MaxValue)
            && Interlocked.Exchange(ref _limitExceeded, 1) == 0)
        {
            KillSession();
            if (_process is { Exited.IsCompleted: true })
            {
                Complete(255);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Nothing holds one of the streams open any more, or the process has ended: the third of these is the job's end.</summary>
    public void CloseOne()
    {
        if (Interlocked.Decrement(ref _open) == 0)
        {
            Complete(_status.Signalled ? 255 : _status.Code);
        }
    }

    private async Task FollowAsync(Process process)
    {
        _status = await process.Exited.ConfigureAwait(false);
        if (Volatile.Read(ref _limitExceeded) != 0)
        {
            Complete(255);
        }

        CloseOne();
    }

    private void Complete(int exitStatus)
    {
        if (Interlocked.Exchange(ref _completed, 1) != 0)
        {
            return;
        }

        var exceeded = Volatile.Read(ref _limitExceeded) != 0;
        _lines?.Complete();
        _output.Complete();
        _ended.TrySetResult(new JobEnd(exceeded ? 255 : exitStatus, exceeded));
    }

    private void KillSession() => _process?.Container.SignalSession(_process.SessionId, Signal.KILL);
}
