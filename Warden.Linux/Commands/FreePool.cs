using System.Buffers.Binary;
using System.Net;
using Warden.Spec;

namespace Warden.Linux.Commands;

/// <summary>Finds a network for one container of a server that serves for a moment, beside whatever else uses this host's addresses.</summary>
internal static class FreePool
{
    private const int SubnetBits = 2;
    private const uint SubnetMask = (1 << SubnetBits) - 1;

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
        var spans = taken.Where(network => network.PrefixLength > 0).Select(Span).ToArray();
        foreach (var range in Ranges)
        {
            var (start, end) = Span(range);
            var count = (end - start + 1) >> SubnetBits;
            var first = (uint)random.Next((int)count);
            for (uint i = 0; i < count; i++)
            {
                var network = start + ((first + i) % count << SubnetBits);
                if (!Array.Exists(spans, span => span.First <= network + SubnetMask && network <= span.Last))
                {
                    return new IPNetwork(ToAddress(network), 32 - SubnetBits);
                }
            }
        }

        throw new WardenException($"the host's routes leave no free network of {32 - SubnetBits} bits in {string.Join(", ", Ranges)}");
    }

    /// <summary>A network's first and last address as numbers.</summary>
    private static (uint First, uint Last) Span(IPNetwork network)
    {
        Span<byte> address = stackalloc byte[4];
        network.BaseAddress.TryWriteBytes(address, out _);
        var first = BinaryPrimitives.ReadUInt32BigEndian(address);
        return (first, first | (network.PrefixLength == 32 ? 0 : uint.MaxValue >> network.PrefixLength));
    }

    private static IPAddress ToAddress(uint number)
    {
        Span<byte> address = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(address, number);
        return new IPAddress(address);
    }
}
