using Warden.Spec.Backend;

namespace Warden.Spec.Containers;

/// <summary>
/// Ends a container's processes: TERM every second, and after ten seconds KILL (protocol.md §3). It goes on in the background whoever
/// waits for it.
/// </summary>
internal sealed class StopOperation
{
    /// <summary>
    /// The kernel kills one process that is over the limit; the script that started it gets this long to see that and to end.
    /// </summary>
    public static readonly TimeSpan AfterOutOfMemory = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private const int Terminations = 10;
    private const int Kills = 30;

    private readonly EngineEnvironment _environment;
    private readonly Container _container;
    private readonly TaskCompletionSource _killAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public StopOperation(EngineEnvironment environment, Container container)
    {
        _environment = environment;
        _container = container;
    }

    /// <summary>Completes when only init is left and all jobs have ended.</summary>
    public Task Completion => _done.Task;

    public bool HasFailed => _done.Task.IsFaulted || _done.Task.IsCanceled;

    /// <summary>Skips to KILL.</summary>
    public void Kill() => _killAsked.TrySetResult();

    public async Task RunAsync(bool kill, TimeSpan patience)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_environment.Lifetime);
        try
        {
            await SignalUntilIdleAsync(kill, patience, end.Token).ConfigureAwait(false);
            _done.TrySetResult();
        }
        catch (OperationCanceledException exception)
        {
            _done.TrySetCanceled(exception.CancellationToken);
        }
        catch (Exception exception)
        {
            EngineLog.StopFailed(_environment.Logger, exception, _container.Handle);
            _done.TrySetException(exception);

            // Nobody may be waiting for a stop in the background.
            _ = _done.Task.Exception;
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task SignalUntilIdleAsync(bool kill, TimeSpan patience, CancellationToken cancellationToken)
    {
        var idle = _container.WaitUntilIdleAsync(cancellationToken);
        if (kill)
        {
            Kill();
        }

        if (patience > TimeSpan.Zero && !idle.IsCompleted)
        {
            await PauseAsync(idle, patience, _killAsked.Task, cancellationToken).ConfigureAwait(false);
        }

        for (var count = 0; count < Terminations && !idle.IsCompleted && !_killAsked.Task.IsCompleted; count++)
        {
            await _container.SignalAllAsync(StopSignal.Terminate, cancellationToken).ConfigureAwait(false);
            await PauseAsync(idle, Period, _killAsked.Task, cancellationToken).ConfigureAwait(false);
        }

        for (var count = 0; !idle.IsCompleted; count++)
        {
            // A process that waits for the host's hardware outlives KILL; whoever waits here is told instead of held.
            if (count == Kills)
            {
                throw new WardenException($"Processes of the container did not end within {Kills} seconds after KILL");
            }

            await _container.SignalAllAsync(StopSignal.Kill, cancellationToken).ConfigureAwait(false);
            await PauseAsync(idle, Period, idle, cancellationToken).ConfigureAwait(false);
        }

        await idle.ConfigureAwait(false);
    }

    private async Task PauseAsync(Task idle, TimeSpan length, Task wake, CancellationToken cancellationToken)
    {
        if (idle.IsCompleted)
        {
            return;
        }

        using var pause = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(idle, wake, Task.Delay(length, _environment.Time, pause.Token)).ConfigureAwait(false);
        await pause.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
