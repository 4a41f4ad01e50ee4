using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Warden.Spec.Containers.Pools;

/// <summary>The /30 networks of the containers (protocol.md §3). A network is named by its first address as a number.</summary>
internal sealed class NetworkPool
{
    private const int SubnetBits = 30;

    private readonly FifoPool _pool;
    private readonly uint _first;
    private readonly int _size;

    /// <exception cref="WardenException">The network holds no /30.</exception>
    public NetworkPool(IPNetwork network, TimeSpan releaseDelay, TimeProvider time)
    {
        if (network.BaseAddress.AddressFamily != AddressFamily.InterNetwork || network.PrefixLength > SubnetBits)
        {
            throw new WardenException($"network: the pool {network} holds no IPv4 network of 30 bits");
        }

        _first = ToNumber(network.BaseAddress);
        _size = (int)Math.Min(1L << (SubnetBits - network.PrefixLength), int.MaxValue);
        _pool = new FifoPool(_size, releaseDelay, time);
    }

    /// <summary>Takes the network that has been free longest.</summary>
    /// <exception cref="WardenException">None is free.</exception>
    public uint Take() =>
        _pool.TryTake(out var index) ? _first + ((uint)index << 2) : throw new WardenException("Could not acquire network");

    /// <summary>Takes the network that an address lies in.</summary>
    /// <exception cref="WardenException">It is not free, or not of this pool.</exception>
    public uint Take(uint address)
    {
        var network = address & ~3u;
        return TryTake(network) ? network : throw new WardenException($"Could not acquire network: {ToAddress(network)}");
    }

    /// <summary>Takes one network if it is free; one outside the pool is nobody's and counts as free for who holds it already.</summary>
    public bool TryRetake(uint network) => (network & 3) == 0 && (!Contains(network) || TryTake(network));

    /// <summary>Takes a network back; it rests for the release delay.</summary>
    public void Release(uint network)
    {
        if (Contains(network))
        {
            _pool.Release(Index(network));
        }
    }

    /// <summary>Takes a network back that no container was made with.</summary>
    public void GiveBack(uint network)
    {
        if (Contains(network))
        {
            _pool.GiveBack(Index(network));
        }
    }

    public static uint ToNumber(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[4];
        address.TryWriteBytes(bytes, out _);
        return BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    public static IPAddress ToAddress(uint number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return new IPAddress(bytes);
    }

    private bool TryTake(uint network) => Contains(network) && _pool.TryTake(Index(network));

    private bool Contains(uint network) => network >= _first && (network - _first) >> 2 < (uint)_size;

    private int Index(uint network) => (int)((network - _first) >> 2);
}
