using System.Runtime.InteropServices;

namespace Warden.Linux.Networking.Interop;

/// <summary>Messages about the queues of interfaces (tc(8), linux/pkt_sched.h).</summary>
internal static class TrafficMessages
{
    private const ushort NewQueue = 36;
    private const ushort DeleteQueue = 37;
    private const ushort NewFilter = 44;
    private const int Kind = 1;
    private const int Options = 2;
    private const uint Root = 0xffffffff;
    private const uint IngressParent = 0xfffffff1;
    private const uint IngressHandle = 0xffff0000;
    private const uint BucketHandle = 0x00010000;
    private const byte Ethernet = 1;
    private const uint FilterPriority = 1;
    private const uint EveryProtocol = 0x0300; // ETH_P_ALL in network order

    /// <summary>A token bucket filter through which all goes that the interface sends; one that is there already is replaced (tc-tbf(8)).</summary>
    /// <param name="batch">Where the message goes.</param>
    /// <param name="index">The interface.</param>
    /// <param name="rate">Bytes a second.</param>
    /// <param name="burst">Bytes; a packet that is larger is dropped.</param>
    /// <param name="queue">Bytes that wait at most.</param>
    /// <param name="name">The interface's name.</param>
    public static void SetBucket(NetlinkBatch batch, int index, ulong rate, uint burst, uint queue, string name)
    {
        const int Parameters = 1;
        const int LongRate = 4;
        const int Burst = 6;
        Begin(batch, NewQueue, NetlinkFlags.Create | NetlinkFlags.Replace, index, BucketHandle, Root, "set a token bucket (tbf) on the interface", name);
        batch.Put(Kind, "tbf");
        using var options = batch.Begin(Options);
        // With a link layer given the kernel computes times itself and needs no table of them.
        batch.Put(Parameters, new Bucket { LinkLayer = Ethernet, Rate = (uint)Math.Min(rate, uint.MaxValue), Limit = queue });
        if (rate > uint.MaxValue)
        {
            batch.Put(LongRate, rate);
        }
        batch.Put(Burst, burst);
    }

    /// <summary>Removes what <see cref="AddIngress"/> has made.</summary>
    public static void DeleteIngress(NetlinkBatch batch, int index, string name) =>
        Begin(batch, DeleteQueue, NetlinkFlags.None, index, IngressHandle, IngressParent, "remove the ingress queue of the interface", name);

    /// <summary>Lets filters see what the interface receives.</summary>
    public static void AddIngress(NetlinkBatch batch, int index, string name)
    {
        Begin(batch, NewQueue, NetlinkFlags.Create | NetlinkFlags.Exclusive, index, IngressHandle, IngressParent, "add an ingress queue to the interface", name);
        batch.Put(Kind, "ingress");
    }

    /// <summary>Sends all that the interface receives through another interface's queue (tc-mirred(8)).</summary>
    public static void RedirectAll(NetlinkBatch batch, int index, int target, string name)
    {
        const int Selector = 5;
        const int Actions = 7;
        const int ActionKind = 1;
        const int ActionOptions = 2;
        const int MirrorParameters = 2;
        Begin(
            batch, NewFilter, NetlinkFlags.Create | NetlinkFlags.Exclusive, index, 0, IngressHandle, "add a filter (u32, mirred) to the interface", name,
            (FilterPriority << 16) | EveryProtocol);
        batch.Put(Kind, "u32");
        using var options = batch.Begin(Options);
        batch.Put(Selector, new MatchAll { Flags = 1, Keys = 1 });
        using var actions = batch.Begin(Actions);
        using var action = batch.Begin(1);
        batch.Put(ActionKind, "mirred");
        using var actionOptions = batch.Begin(ActionOptions);
        batch.Put(MirrorParameters, new Mirror { Action = 4, Direction = 1, Target = target });
    }

    private static void Begin(
        NetlinkBatch batch, ushort type, NetlinkFlags flags, int index, uint handle, uint parent, string operation, string name, uint information = 0) =>
        batch.Begin(
            type, flags | NetlinkFlags.Acknowledge,
            new Header { Index = index, Handle = handle, Parent = parent, Information = information }, operation, name);

    /// <summary>struct tcmsg.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Header
    {
        public byte Family;
        public int Index;
        public uint Handle;
        public uint Parent;
        public uint Information;
    }

    /// <summary>struct tc_tbf_qopt, without a peak rate.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Bucket
    {
        public byte CellLog;
        public byte LinkLayer;
        public ushort Overhead;
        public short CellAlign;
        public ushort MinimumPacket;
        public uint Rate;
        public uint PeakShape;
        public uint PeakAlign;
        public uint PeakRate;
        public uint Limit;
        public uint Buffer;
        public uint Mtu;
    }

    /// <summary>struct tc_u32_sel (TC_U32_TERMINAL) with one key that masks nothing.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct MatchAll
    {
        public byte Flags;
        public byte OffsetShift;
        public byte Keys;
        public byte Padding;
        public ushort OffsetMask;
        public ushort Offset;
        public short OffsetOffset;
        public short HashOffset;
        public uint HashMask;
        public uint Mask;
        public uint Value;
        public int KeyOffset;
        public int KeyOffsetMask;
    }

    /// <summary>struct tc_mirred: TC_ACT_STOLEN, TCA_EGRESS_REDIR.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Mirror
    {
        public uint Index;
        public uint Capabilities;
        public int Action;
        public int References;
        public int Bindings;
        public int Direction;
        public int Target;
    }
}
