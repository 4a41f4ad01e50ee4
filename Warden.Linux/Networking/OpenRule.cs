using Warden.Linux.Networking.Interop;
using Warden.Spec.Backend;

namespace Warden.Linux.Networking;

/// <summary>One nf_tables rule of those that a NetOut becomes (protocol.md §5).</summary>
/// <param name="Rule">What is opened.</param>
/// <param name="Protocol">The IP protocol, or null for every one.</param>
internal sealed record OpenRule(NetOutRule Rule, byte? Protocol)
{
    /// <summary>The rules in the order in which they are to be matched.</summary>
    public static IReadOnlyList<OpenRule> PartsOf(NetOutRule rule) => rule switch
    {
        { Protocol: NetProtocol.Tcp } => [new(rule, Nft.Tcp)],
        { Protocol: NetProtocol.Udp } => [new(rule, Nft.Udp)],
        { Protocol: NetProtocol.Icmp } => [new(rule, Nft.Icmp)],
        // Of every protocol, those that have ports.
        { Ports: not null } => [new(rule, Nft.Tcp), new(rule, Nft.Udp)],
        // Of what is open, TCP alone is logged.
        { Log: true } => [new(rule, Nft.Tcp), new(rule, null)],
        _ => [new(rule, null)],
    };

    public void Write(NftExpressions expressions, string id)
    {
        if (Rule.Network is { } network)
        {
            expressions.DestinationIn(network.First, network.Last);
        }
        if (Protocol is { } protocol)
        {
            expressions.HasProtocol(protocol);
        }
        if (Protocol is Nft.Tcp or Nft.Udp && Rule.Ports is { } ports)
        {
            expressions.DestinationPortIn(ports.First, ports.Last);
        }
        if (Protocol is Nft.Icmp)
        {
            expressions.IcmpIs(Known(Rule.IcmpType), Known(Rule.IcmpCode));
        }
        if (Protocol is Nft.Tcp && Rule.Log)
        {
            expressions.Log($"warden-i-{id} ");
        }
        expressions.Accept();
    }

    // -1 is every one, as null is.
    private static int? Known(int? value) => value is null or < 0 ? null : value;
}
