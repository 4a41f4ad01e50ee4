using System.Net;
using System.Runtime.InteropServices;

namespace Warden.Linux.Networking.Interop;

/// <summary>Messages about interfaces and their addresses (rtnetlink(7)).</summary>
internal static class RouteMessages
{
    public const ushort NewLink = 16;
    public const int LinkName = 3;
    public const int LinkInformation = 18;
    public const int InformationKind = 1;
    private const ushort DeleteLink = 17;
    private const ushort GetLink = 18;
    private const ushort SetLink = 19;
    private const ushort NewAddress = 20;
    private const int LinkMtu = 4;
    private const int LinkNamespacePid = 19;
    private const int LinkFamilies = 26;
    private const int LinkGroup = 27;
    private const int InformationData = 2;
    private const int VethPeer = 1;
    private const int AddressGeneration = 8;
    private const byte NoAddresses = 1;
    private const int AddressOf = 1;
    private const int AddressLocal = 2;
    private const byte IPv4 = 2;
    private const int IPv6 = 10;
    private const uint Up = 1;

    /// <summary>struct ifinfomsg.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct LinkHeader
    {
        public byte Family;
        public byte Padding;
        public ushort Type;
        public int Index;
        public uint Flags;
        public uint Change;
    }

    /// <summary>struct ifaddrmsg.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct AddressHeader
    {
        public byte Family;
        public byte PrefixLength;
        public byte Flags;
        public byte Scope;
        public int Index;
    }

    /// <summary>A veth pair whose other end appears in the network namespace of a process at once.</summary>
    public static void AddVeth(NetlinkBatch batch, string name, string peer, int peerPid, int mtu)
    {
        batch.Begin(
            NewLink, NetlinkFlags.Create | NetlinkFlags.Exclusive | NetlinkFlags.Acknowledge, default(LinkHeader), "add the interface", name);
        batch.Put(LinkName, name);
        batch.Put(LinkMtu, mtu);
        using var information = batch.Begin(LinkInformation);
        batch.Put(InformationKind, "veth");
        using var data = batch.Begin(InformationData);
        using var other = batch.Begin(VethPeer);
        batch.WriteStruct(default(LinkHeader));
        batch.Put(LinkName, peer);
        batch.Put(LinkMtu, mtu);
        batch.Put(LinkNamespacePid, peerPid);
    }

    /// <summary>An intermediate functional block: a device whose queue another one's packets are sent through.</summary>
    public static void AddIfb(NetlinkBatch batch, string name, int mtu)
    {
        batch.Begin(
            NewLink, NetlinkFlags.Create | NetlinkFlags.Exclusive | NetlinkFlags.Acknowledge, default(LinkHeader), "add the interface", name);
        batch.Put(LinkName, name);
        batch.Put(LinkMtu, mtu);
        using var information = batch.Begin(LinkInformation);
        batch.Put(InformationKind, "ifb");
    }

    /// <summary>Brings an interface up. It takes no IPv6 address of its own.</summary>
    public static void BringUp(NetlinkBatch batch, string name, bool silenceIPv6)
    {
        batch.Begin(SetLink, NetlinkFlags.Acknowledge, new LinkHeader { Flags = Up, Change = Up }, "bring up the interface", name);
        batch.Put(LinkName, name);
        if (silenceIPv6)
        {
            using var families = batch.Begin(LinkFamilies);
            using var family = batch.Begin(IPv6);
            batch.Put(AddressGeneration, NoAddresses);
        }
    }

    public static void SetGroup(NetlinkBatch batch, string name, uint group)
    {
        batch.Begin(SetLink, NetlinkFlags.Acknowledge, default(LinkHeader), "remove the interface", name);
        batch.Put(LinkName, name);
        batch.Put(LinkGroup, group);
    }

    public static void DeleteGroup(NetlinkBatch batch, uint group, string subject)
    {
        batch.Begin(DeleteLink, NetlinkFlags.Acknowledge, default(LinkHeader), "remove the interface", subject);
        batch.Put(LinkGroup, group);
    }

    public static void FindLink(NetlinkBatch batch, string name)
    {
        batch.Begin(GetLink, NetlinkFlags.None, default(LinkHeader), "look up the interface", name);
        batch.Put(LinkName, name);
    }

    public static void ListLinks(NetlinkBatch batch) =>
        batch.Begin(GetLink, NetlinkFlags.Dump, default(LinkHeader), "list the interfaces");

    public static void AddAddress(NetlinkBatch batch, int index, IPAddress address, byte prefixLength, string name)
    {
        var header = new AddressHeader { Family = IPv4, PrefixLength = prefixLength, Index = index };
        batch.Begin(
            NewAddress, NetlinkFlags.Create | NetlinkFlags.Replace | NetlinkFlags.Acknowledge, header, $"give the address {address} to the interface", name);
        batch.Put(AddressLocal, address.GetAddressBytes());
        batch.Put(AddressOf, address.GetAddressBytes());
    }
}
