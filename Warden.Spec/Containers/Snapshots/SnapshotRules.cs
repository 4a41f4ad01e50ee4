using System.Globalization;
using Warden.Spec.Backend;

namespace Warden.Spec.Containers.Snapshots;

/// <summary>Turns rules into what a snapshot holds, and back.</summary>
internal static class SnapshotRules
{
    public static NetOutSnapshot Write(NetOutRule rule) => new(
        AddressRanges.Format(rule.Network),
        rule.Ports is { } ports ? (ports.First == ports.Last ? $"{ports.First}" : $"{ports.First}:{ports.Last}") : null,
        rule.Protocol switch
        {
            NetProtocol.Udp => "udp",
            NetProtocol.Icmp => "icmp",
            NetProtocol.All => "all",
            _ => "tcp",
        },
        rule.IcmpType,
        rule.IcmpCode,
        rule.Log);

    /// <exception cref="FormatException">It is no rule.</exception>
    public static NetOutRule Read(NetOutSnapshot rule)
    {
        AddressRange? network = null;
        if (rule.Network is not null)
        {
            network = AddressRanges.TryParse(rule.Network, out var range) ? range : throw new FormatException("A rule's network is none.");
        }

        return new NetOutRule(
            network,
            rule.Ports is null ? null : ReadPorts(rule.Ports),
            rule.Protocol switch
            {
                "tcp" => NetProtocol.Tcp,
                "udp" => NetProtocol.Udp,
                "icmp" => NetProtocol.Icmp,
                "all" => NetProtocol.All,
                _ => throw new FormatException("A rule's protocol is none."),
            },
            rule.IcmpType,
            rule.IcmpCode,
            rule.Log);
    }

    private static (int First, int Last) ReadPorts(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var first = int.Parse(colon < 0 ? text : text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture);
        var last = colon < 0 ? first : int.Parse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture);
        return (first, last);
    }
}
