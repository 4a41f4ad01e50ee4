using Warden.Linux.Interop;
using Warden.Linux.Networking.Interop;

namespace Warden.Linux.Networking;

/// <summary>
/// Removes interfaces. The kernel waits for all processors each time it removes some, 15 ms and more, however many go at once: so those
/// that are asked for while it waits go together next, as one group of interfaces.
/// </summary>
internal sealed class LinkRemover : IDisposable
{
    // Nothing else is in this group: interfaces enter it to be removed.
    private const uint DoomedGroup = 0x77617264;
    private const int LargestBatch = 100;
    private readonly NetlinkSocket _socket;
    private readonly Lock _gate = new();
    private readonly Queue<(string Name, TaskCompletionSource Done)> _waiting = new();
    private Task _worker = Task.CompletedTask;

    /// <summary>Takes the socket over: it is disposed with this.</summary>
    public LinkRemover(NetlinkSocket socket) => _socket = socket;

    /// <summary>Removes an interface, and with one end of a pair the other. Completes when it is gone; one that is not there is gone.</summary>
    public Task RemoveAsync(string name)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waiting.Enqueue((name, done));
            if (_worker.IsCompleted)
            {
                _worker = Task.Run(Work);
            }
        }
        return done.Task;
    }

    /// <summary>Completes when nothing is left to remove.</summary>
    public async Task DrainAsync()
    {
        while (true)
        {
            Task worker;
            lock (_gate)
            {
                worker = _worker;
            }
            if (worker.IsCompleted)
            {
                return;
            }
            await worker.ConfigureAwait(false);
        }
    }

    public void Dispose() => _socket.Dispose();

    private void Work()
    {
        while (true)
        {
            var round = new List<(string Name, TaskCompletionSource Done)>();
            lock (_gate)
            {
                while (round.Count < LargestBatch && _waiting.TryDequeue(out var next))
                {
                    round.Add(next);
                }
                if (round.Count == 0)
                {
                    // Within the lock: whoever enqueues after it sees that nobody works.
                    _worker = Task.CompletedTask;
                    return;
                }
            }
            try
            {
                Remove(round);
            }
            catch (Exception exception)
            {
                round.ForEach(item => item.Done.TrySetException(exception));
            }
        }
    }

    private void Remove(List<(string Name, TaskCompletionSource Done)> round)
    {
        var batch = new NetlinkBatch();
        foreach (var (name, _) in round)
        {
            RouteMessages.SetGroup(batch, name, DoomedGroup);
        }
        RouteMessages.DeleteGroup(batch, DoomedGroup, string.Join(", ", round.Select(item => item.Name)));
        var failures = _socket.Send(batch).Where(failure => failure.Errno != Errno.ENODEV).ToDictionary(failure => failure.Entry.Sequence);
        failures.TryGetValue(batch.Entries[^1].Sequence, out var together);
        for (var i = 0; i < round.Count; i++)
        {
            if ((failures.GetValueOrDefault(batch.Entries[i].Sequence) ?? together) is { } failure)
            {
                round[i].Done.TrySetException(failure.ToException());
            }
            else
            {
                round[i].Done.TrySetResult();
            }
        }
    }
}
