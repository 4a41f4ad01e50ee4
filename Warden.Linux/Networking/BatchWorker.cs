namespace Warden.Linux.Networking;

/// <summary>
/// Work that costs about the same for one item as for many: what is asked for while it is being done is done together next.
/// </summary>
/// <param name="work">Does it for some items, on a thread of its own, and returns the failures of those that have one.</param>
internal sealed class BatchWorker<T>(Func<IReadOnlyList<T>, IReadOnlyDictionary<T, Exception>> work)
    where T : notnull
{
    private const int LargestBatch = 100;
    private readonly Lock _gate = new();
    private readonly Queue<(T Item, TaskCompletionSource Done)> _waiting = new();
    private Task _worker = Task.CompletedTask;

    /// <summary>Completes when it is done for the item.</summary>
    public Task DoAsync(T item)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waiting.Enqueue((item, done));
            if (_worker.IsCompleted)
            {
                _worker = Task.Run(Work);
            }
        }
        return done.Task;
    }

    /// <summary>Completes when all that was asked for before is done.</summary>
    public Task DrainAsync()
    {
        lock (_gate)
        {
            return _worker;
        }
    }

    private void Work()
    {
        while (true)
        {
            var round = new List<(T Item, TaskCompletionSource Done)>();
            lock (_gate)
            {
                while (round.Count < LargestBatch && _waiting.TryDequeue(out var next))
                {
                    round.Add(next);
                }
                if (round.Count == 0)
                {
                    // Within the lock: whoever asks after this sees that nobody works.
                    _worker = Task.CompletedTask;
                    return;
                }
            }
            try
            {
                var failures = work([.. round.Select(entry => entry.Item).Distinct()]);
                foreach (var (item, done) in round)
                {
                    if (failures.TryGetValue(item, out var failure))
                    {
                        done.TrySetException(failure);
                    }
                    else
                    {
                        done.TrySetResult();
                    }
                }
            }
            catch (Exception exception)
            {
                round.ForEach(entry => entry.Done.TrySetException(exception));
            }
        }
    }
}
