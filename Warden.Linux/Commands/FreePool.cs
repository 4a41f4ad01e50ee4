using System.Buffers.Binary;
using System.Net;
using Warden.Spec;

namespace Warden.Linux.Commands;

/// <summary>Finds a network for one container of a server that serves for a moment, beside whatever else uses this host's addresses.</summary>
internal static class FreePool
{
    private const int PrefixLength = 30;

    // Addresses for private use, from the corners that are used least (RFC 1918, RFC 6598).
    private static readonly IPNetwork[] Ranges =
    [
        IPNetwork.Parse("10.254.0.0/16"), IPNetwork.Parse("172.30.0.0/16"), IPNetwork.Parse("192.168.240.0/20"), IPNetwork.Parse("100.100.0.0/16"),
    ];

    /// <summary>Picks a network at random, so that several servers of a moment do not meet.</summary>
    /// <param name="taken">The networks to stay clear of. A default route is none.</param>
    /// <param name="random">Draws.</param>
    /// <exception cref="WardenException">None is free.</exception>
    public static IPNetwork Pick(IReadOnlyCollection<IPNetwork> taken, Random random)
    {
        foreach (var range in Ranges)
        {
            var count = 1u << (PrefixLength - range.PrefixLength);
            var first = (uint)random.Next((int)count);
            for (uint i = 0; i < count; i++)
            {
                var network = Subnet(range, (first + i) % count);
                if (!taken.Any(other => other.PrefixLength > 0 && (other.Contains(network.BaseAddress) || network.Contains(other.BaseAddress))))
                {
                    return network;
                }
            }
        }

        throw new WardenException($"the host's routes leave no free network of {PrefixLength} bits in {string.Join(", ", Ranges)}");
    }

    private static IPNetwork Subnet(IPNetwork range, uint index)
    {
        Span<byte> address = stackalloc byte[4];
        range.BaseAddress.TryWriteBytes(address, out _);
        BinaryPrimitives.WriteUInt32BigEndian(address, BinaryPrimitives.ReadUInt32BigEndian(address) + (index << (32 - PrefixLength)));
        return new IPNetwork(new IPAddress(address), PrefixLength);
    }
}
