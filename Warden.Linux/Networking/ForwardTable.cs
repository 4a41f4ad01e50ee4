using System.Buffers.Binary;
using System.Net;

namespace Warden.Linux.Networking;

/// <summary>A port of the host that leads to a port of a container.</summary>
internal sealed record PortForward(int HostPort, IPAddress Address, int ContainerPort)
{
    /// <summary>The key in the map that is in force: inet_service.</summary>
    public byte[] Key => Number(HostPort);

    /// <summary>The value there: ipv4_addr . inet_service.</summary>
    public byte[] Target => [.. Address.GetAddressBytes(), .. Number(ContainerPort), 0, 0];

    /// <summary>The key among those that wait: inet_service . ipv4_addr . inet_service.</summary>
    public byte[] WaitingKey => [.. Number(HostPort), 0, 0, .. Target];

    public static PortForward Read(ReadOnlySpan<byte> key, ReadOnlySpan<byte> target) =>
        new(BinaryPrimitives.ReadUInt16BigEndian(key), new IPAddress(target[..4]), BinaryPrimitives.ReadUInt16BigEndian(target[4..]));

    public static PortForward ReadWaiting(ReadOnlySpan<byte> key) => Read(key, key[4..]);

    private static byte[] Number(int port) => [(byte)(port >> 8), (byte)port];
}

/// <summary>
/// The forwarded ports in the order in which they were asked for. A port leads to one container at a time; who asks for one that is taken
/// waits until the container that has it is gone.
/// </summary>
internal sealed class ForwardTable
{
    private readonly List<(long Number, PortForward Forward)> _order = [];

    /// <summary>Greater than every number of those that wait.</summary>
    public long NextNumber => _order.Count == 0 ? 1 : _order[^1].Number + 1;

    /// <summary>All in order, and which of them wait.</summary>
    public IEnumerable<(long Number, PortForward Forward, bool Waits)> All =>
        _order.Select(item => (item.Number, item.Forward, _order.Find(other => other.Forward.HostPort == item.Forward.HostPort) != item));

    public bool Contains(PortForward forward) => _order.Exists(item => item.Forward == forward);

    public bool IsTaken(int hostPort) => _order.Exists(item => item.Forward.HostPort == hostPort);

    public void Add(PortForward forward) => _order.Add((NextNumber, forward));

    public void Remove(IPAddress address) => _order.RemoveAll(item => item.Forward.Address.Equals(address));

    /// <summary>What changes when a container goes: its own forwards, and those that come into force in their place.</summary>
    public (List<(PortForward Forward, bool Waits)> Gone, List<PortForward> Next) Without(IPAddress address)
    {
        List<(PortForward, bool)> gone = [];
        List<PortForward> next = [];
        foreach (var (_, forward) in _order.Where(item => item.Forward.Address.Equals(address)))
        {
            var first = _order.Find(item => item.Forward.HostPort == forward.HostPort).Forward;
            gone.Add((forward, first != forward));
            if (first == forward
                && _order.Find(item => item.Forward.HostPort == forward.HostPort && !item.Forward.Address.Equals(address)).Forward is { } successor)
            {
                next.Add(successor);
            }
        }
        return (gone, next);
    }

    /// <summary>Takes what the kernel has: those in force come first, then those that wait in their order.</summary>
    public void Load(IEnumerable<PortForward> active, IEnumerable<(long Number, PortForward Forward)> waiting)
    {
        _order.Clear();
        _order.AddRange(active.Select(forward => (0L, forward)));
        _order.AddRange(waiting.OrderBy(item => item.Number));
    }
}
