using Warden.Spec.Backend;

namespace Warden.Spec.Containers;

/// <summary>Stopping.</summary>
internal sealed partial class Container
{
    private StopOperation? _stop;

    /// <summary>
    /// Makes the state stopped and begins to end the processes. A stop that is under way or done is not repeated; <paramref name="kill"/>
    /// hurries one under way.
    /// </summary>
    /// <param name="kill">Skip TERM.</param>
    /// <param name="patience">How long processes may end by themselves before the first signal.</param>
    /// <returns>The stop, and whether this call began it.</returns>
    public (StopOperation Operation, bool Began) BeginStop(bool kill, TimeSpan patience = default)
    {
        StopOperation operation;
        var begins = false;
        lock (_lock)
        {
            Become(ContainerState.Stopped);
            if (_stop is null || _stop.HasFailed)
            {
                _stop = new StopOperation(_environment, this);
                begins = true;
            }

            operation = _stop;
        }

        if (begins)
        {
            _ = operation.RunAsync(kill, patience);
        }
        else if (kill)
        {
            operation.Kill();
        }

        return (operation, begins);
    }

    internal ValueTask SignalAllAsync(StopSignal signal, CancellationToken cancellationToken) =>
        Backend.SignalAllAsync(signal, cancellationToken);

    /// <summary>Completes when only init is left and every job has ended, also one that was being started meanwhile.</summary>
    internal async Task WaitUntilIdleAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Backend.WaitUntilIdleAsync(cancellationToken).ConfigureAwait(false);
            if (PendingJob() is not { } pending)
            {
                return;
            }

            await pending.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
