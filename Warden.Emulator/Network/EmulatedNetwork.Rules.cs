using System.Buffers.Binary;
using System.Net;
using Warden.Spec.Backend;

namespace Warden.Emulator.Network;

/// <summary>The rules for what leaves a container.</summary>
public sealed partial class EmulatedNetwork
{
    private const int EchoRequest = 8;
    private const int KernelLogLines = 4096;

    /// <summary>A packet that opens a connection, as rules see it: after the translation of its destination.</summary>
    private readonly record struct Packet(NetProtocol Protocol, IPEndPoint Source, IPEndPoint Destination, int IcmpType = 0, int IcmpCode = 0);

    private bool Permits(NetworkStack from, Packet packet)
    {
        if (from.Kind != StackKind.Container)
        {
            return true;
        }
        var destination = packet.Destination.Address;
        if (IsHostAddress(destination))
        {
            return _settings?.AllowHostAccess ?? false;
        }
        NetOutRule? rule;
        lock (_gate)
        {
            rule = _containers.TryGetValue(from.ContainerId!, out var container) ? container.Rules.Find(candidate => Matches(candidate, packet)) : null;
            if (rule is { Log: true } && packet.Protocol == NetProtocol.Tcp)
            {
                // The kernel's log is a ring too.
                if (_kernelLog.Count == KernelLogLines)
                {
                    _kernelLog.RemoveAt(0);
                }

                _kernelLog.Add(LogLine(from, packet));
            }
        }

        if (rule is not null)
        {
            return true;
        }

        return _settings is { } settings
            && !settings.DenyNetworks.Any(range => Contains(range, destination))
            && settings.AllowNetworks.Any(range => Contains(range, destination));
    }

    private static bool Matches(NetOutRule rule, Packet packet)
    {
        if (rule.Network is { } network && !Contains(network, packet.Destination.Address))
        {
            return false;
        }
        if (rule.Protocol != NetProtocol.All && rule.Protocol != packet.Protocol)
        {
            return false;
        }
        if (packet.Protocol == NetProtocol.Icmp)
        {
            // A rule for every protocol that names ports can only mean the protocols that have them.
            return rule.Protocol == NetProtocol.Icmp
                ? (rule.IcmpType is null or -1 || rule.IcmpType == packet.IcmpType) && (rule.IcmpCode is null or -1 || rule.IcmpCode == packet.IcmpCode)
                : rule.Ports is null;
        }
        return rule.Ports is not { } ports || (packet.Destination.Port >= ports.First && packet.Destination.Port <= ports.Last);
    }

    private static bool Contains(AddressRange range, IPAddress address)
    {
        var number = ToNumber(address);
        return number >= ToNumber(range.First) && number <= ToNumber(range.Last);
    }

    private static uint ToNumber(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[4];
        return address.TryWriteBytes(bytes, out _) ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : 0;
    }

    private string LogLine(NetworkStack from, Packet packet)
    {
        var output = ContainerAt(packet.Destination.Address) is { } other ? $"w-{other.ContainerId}-0" : "eth0";
        return $"warden-i-{from.ContainerId} IN=w-{from.ContainerId}-0 OUT={output} SRC={packet.Source.Address} DST={packet.Destination.Address} "
            + $"LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID=0 DF PROTO=TCP SPT={packet.Source.Port} DPT={packet.Destination.Port} "
            + "WINDOW=64240 RES=0x00 SYN URGP=0";
    }
}
