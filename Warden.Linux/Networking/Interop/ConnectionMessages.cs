using System.Net;
using System.Runtime.InteropServices;

namespace Warden.Linux.Networking.Interop;

/// <summary>Messages about tracked connections (linux/netfilter/nfnetlink_conntrack.h).</summary>
internal static class ConnectionMessages
{
    private const ushort GetConnection = 0x101;
    private const ushort DeleteConnection = 0x102;
    private const byte IPv4 = 2;
    private const int Original = 1;
    private const int Reply = 2;
    private const int Filter = 25;
    private const int Addresses = 1;
    private const int SourceAddress = 1;
    private const uint BySource = 1;

    /// <summary>Asks for all IPv4 connections.</summary>
    public static NetlinkBatch List()
    {
        var batch = new NetlinkBatch();
        batch.Begin(GetConnection, NetlinkFlags.Dump, new Header { Family = IPv4 }, "list the tracked connections");
        return batch;
    }

    /// <summary>Forgets all that an address has opened, or all that it answers.</summary>
    /// <remarks>A kernel that knows no filter here takes the address for a connection's name, and refuses it as one.</remarks>
    public static void DeleteAll(NetlinkBatch batch, IPAddress address, bool answering)
    {
        batch.Begin(DeleteConnection, NetlinkFlags.Acknowledge, new Header { Family = IPv4 }, "forget the tracked connections of", address.ToString());
        using (batch.Begin(answering ? Reply : Original))
        {
            using var addresses = batch.Begin(Addresses);
            batch.Put(SourceAddress, address.GetAddressBytes());
        }
        using var filter = batch.Begin(Filter);
        batch.Put(Original, answering ? 0 : BySource);
        batch.Put(Reply, answering ? BySource : 0);
    }

    /// <summary>Who has opened a listed connection, and who answers in it, as they stand in memory.</summary>
    public static (uint Source, uint Answering)? Sources(ReadOnlySpan<byte> payload)
    {
        var original = SourceOf(payload, Original);
        var reply = SourceOf(payload, Reply);
        return original.Length == 4 && reply.Length == 4 ? (MemoryMarshal.Read<uint>(original), MemoryMarshal.Read<uint>(reply)) : null;
    }

    /// <summary>What names a listed connection.</summary>
    public static byte[] Tuple(ReadOnlySpan<byte> payload) => NetlinkAttributes.Find(payload[4..], Original).ToArray();

    public static void Delete(NetlinkBatch batch, ReadOnlySpan<byte> tuple)
    {
        batch.Begin(DeleteConnection, NetlinkFlags.Acknowledge, new Header { Family = IPv4 }, "forget a tracked connection");
        batch.Put(Original | 0x8000, tuple);
    }

    private static ReadOnlySpan<byte> SourceOf(ReadOnlySpan<byte> payload, int direction) =>
        NetlinkAttributes.Find(NetlinkAttributes.Find(NetlinkAttributes.Find(payload[4..], direction), Addresses), SourceAddress);

    /// <summary>struct nfgenmsg.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Header
    {
        public byte Family;
        public byte Version;
        public ushort Resource;
    }
}
