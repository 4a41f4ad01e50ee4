using System.Net;
using Warden.Linux.Interop;
using Warden.Linux.Networking.Interop;

namespace Warden.Linux.Networking;

/// <summary>
/// Makes the kernel forget the connections of addresses that are given back: what it knows it lets through, so that the next container of
/// an address would have what the one before had.
/// </summary>
internal sealed class ConnectionCleaner
{
    private const int LargestBatch = 200;
    private readonly NetlinkSocket _socket;
    private readonly BatchWorker<IPAddress> _worker;

    // Newer kernels find the connections of an address themselves, and quickly; from others the whole table has to be read.
    private bool _filters = true;

    /// <summary>Uses a socket of the namespace, which stays the caller's.</summary>
    public ConnectionCleaner(NetlinkSocket socket)
    {
        _socket = socket;
        _worker = new BatchWorker<IPAddress>(Forget);
    }

    /// <summary>Completes when no connection of the address is known any more.</summary>
    public Task ForgetAsync(IPAddress address) => _worker.DoAsync(address);

    /// <summary>Completes when nothing is left to do.</summary>
    public Task DrainAsync() => _worker.DrainAsync();

    private Dictionary<IPAddress, Exception> Forget(IReadOnlyList<IPAddress> addresses)
    {
        if (_filters)
        {
            var batch = new NetlinkBatch();
            foreach (var address in addresses)
            {
                // What the container opened comes from it; what was opened to it, forwarded or not, is answered from it.
                ConnectionMessages.DeleteAll(batch, address, answering: false);
                ConnectionMessages.DeleteAll(batch, address, answering: true);
            }
            _filters = _socket.Send(batch).Count == 0;
        }
        if (!_filters)
        {
            Search(addresses);
        }
        return [];
    }

    private void Search(IReadOnlyList<IPAddress> addresses)
    {
        var wanted = addresses.Select(address => BitConverter.ToUInt32(address.GetAddressBytes())).ToHashSet();
        var found = new List<byte[]>();
        _socket.Read(ConnectionMessages.List, found.Clear, (_, payload) =>
        {
            if (ConnectionMessages.Sources(payload) is var (source, answering) && (wanted.Contains(source) || wanted.Contains(answering)))
            {
                found.Add(ConnectionMessages.Tuple(payload));
            }
        });
        foreach (var chunk in found.Chunk(LargestBatch))
        {
            var batch = new NetlinkBatch();
            foreach (var tuple in chunk)
            {
                ConnectionMessages.Delete(batch, tuple);
            }
            if (_socket.Send(batch).FirstOrDefault(failure => failure.Errno != Errno.ENOENT) is { } failure)
            {
                throw failure.ToException();
            }
        }
    }
}
