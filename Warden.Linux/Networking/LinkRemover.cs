using Warden.Linux.Interop;
using Warden.Linux.Networking.Interop;

namespace Warden.Linux.Networking;

/// <summary>
/// Removes interfaces. The kernel waits for all processors each time it removes some, 15 ms and more, however many go at once: so they go
/// together, as one group of interfaces.
/// </summary>
internal sealed class LinkRemover : IDisposable
{
    // Nothing else is in this group: interfaces enter it to be removed.
    private const uint DoomedGroup = 0x77617264;
    private readonly NetlinkSocket _socket;
    private readonly BatchWorker<string> _worker;

    /// <summary>Takes the socket over: it is disposed with this.</summary>
    public LinkRemover(NetlinkSocket socket)
    {
        _socket = socket;
        _worker = new BatchWorker<string>(Remove);
    }

    /// <summary>Removes an interface, and with one end of a pair the other. Completes when it is gone; one that is not there is gone.</summary>
    public Task RemoveAsync(string name) => _worker.DoAsync(name);

    /// <summary>Completes when nothing is left to remove.</summary>
    public Task DrainAsync() => _worker.DrainAsync();

    public void Dispose() => _socket.Dispose();

    private Dictionary<string, Exception> Remove(IReadOnlyList<string> names)
    {
        var batch = new NetlinkBatch();
        foreach (var name in names)
        {
            RouteMessages.SetGroup(batch, name, DoomedGroup);
        }
        RouteMessages.DeleteGroup(batch, DoomedGroup, string.Join(", ", names));
        var failures = _socket.Send(batch).Where(failure => failure.Errno != Errno.ENODEV).ToDictionary(failure => failure.Entry.Sequence);
        failures.TryGetValue(batch.Entries[^1].Sequence, out var together);
        var result = new Dictionary<string, Exception>();
        for (var i = 0; i < names.Count; i++)
        {
            if ((failures.GetValueOrDefault(batch.Entries[i].Sequence) ?? together) is { } failure)
            {
                result[names[i]] = failure.ToException();
            }
        }
        return result;
    }
}
