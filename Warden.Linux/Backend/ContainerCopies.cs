using Warden.Spec;

namespace Warden.Linux.Backend;

/// <summary>The copies into and out of a container that are under way: none writes to it any more once it has been destroyed.</summary>
internal sealed class ContainerCopies
{
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _running = [];
    private bool _ended;

    // Not disposed: a copy may be asked for at any time, and without a timer or a wait handle it holds nothing.
    private readonly CancellationTokenSource _ending = new();

    /// <summary>Runs a copy.</summary>
    /// <exception cref="WardenException">It has failed, or the container is destroyed meanwhile.</exception>
    public async ValueTask RunAsync(Func<CancellationToken, ValueTask> copy, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ending.Token);
        Task running;
        lock (_lock)
        {
            if (_ended)
            {
                throw Destroyed();
            }

            running = copy(stop.Token).AsTask();
            _running.Add(running);
        }

        try
        {
            await running.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw Destroyed();
        }
        finally
        {
            lock (_lock)
            {
                _running.Remove(running);
            }
        }
    }

    /// <summary>Ends those under way and completes when they have; whoever asked for one is told its fate.</summary>
    public async Task EndAsync()
    {
        Task all;
        lock (_lock)
        {
            _ended = true;
            all = Task.WhenAll(_running);
        }

        await _ending.CancelAsync().ConfigureAwait(false);
        await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static WardenException Destroyed() => new("The container is being destroyed");
}
