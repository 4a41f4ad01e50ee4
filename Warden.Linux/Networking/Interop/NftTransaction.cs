using System.Runtime.InteropServices;
using System.Text;

namespace Warden.Linux.Networking.Interop;

/// <summary>Where in the kernel a base chain is called, and in which order among others' (nft(8), "Add, change, delete a chain").</summary>
internal sealed record NftHook(string Type, uint Number, int Priority)
{
    public static NftHook Prerouting { get; } = new("nat", 0, -100);

    public static NftHook Input { get; } = new("filter", 1, 0);

    public static NftHook Forward { get; } = new("filter", 2, 0);

    public static NftHook Output { get; } = new("nat", 3, -100);

    public static NftHook Postrouting { get; } = new("nat", 4, 100);
}

/// <summary>What a set's keys or a map's values are: nft(8) shows them by these numbers, and the kernel knows their length alone.</summary>
/// <param name="Code">nft's number of the type; of a concatenation, 6 bits for each part.</param>
/// <param name="Length">Bytes, each part of a concatenation filled up to a multiple of 4.</param>
internal readonly record struct NftType(uint Code, uint Length)
{
    public static NftType Address { get; } = new(7, 4);

    public static NftType Port { get; } = new(13, 2);

    public static NftType Interface { get; } = new(41, 16);

    public static NftType Verdict { get; } = new(0xffffff00, 0);

    public static NftType operator +(NftType left, NftType right) =>
        new((left.Code << 6) | right.Code, ((left.Length + 3) & ~3u) + ((right.Length + 3) & ~3u));
}

/// <summary>Changes of one nf_tables table that come into force all together or not at all.</summary>
internal sealed class NftTransaction
{
    private const ushort Subsystem = 10;
    private const ushort BatchBegin = 16;
    private const ushort BatchEnd = 17;
    private const uint MapFlag = 8;
    private readonly NetlinkBatch _batch = new();
    private readonly string _table;
    private uint _sets;

    public NftTransaction(string table)
    {
        _table = table;
        _batch.Begin(BatchBegin, NetlinkFlags.None, new Header { Resource = BigEndianSubsystem }, "begin a transaction of nf_tables");
    }

    private enum Message : ushort
    {
        NewTable = 0, GetTable = 1, DeleteTable = 2, NewChain = 3, DeleteChain = 5, NewRule = 6, DeleteRule = 8, NewSet = 9,
        NewElement = 12, GetElement = 13, DeleteElement = 14,
    }

    private static ushort BigEndianSubsystem => (ushort)(BitConverter.IsLittleEndian ? Subsystem << 8 : Subsystem);

    /// <summary>Asks for the elements of a set; hand it to <see cref="NetlinkSocket.Read"/>.</summary>
    public static NetlinkBatch ListElements(string table, string set)
    {
        var batch = new NetlinkBatch();
        batch.Begin(TypeOf(Message.GetElement), NetlinkFlags.Dump, new Header { Family = Nft.FamilyInet }, "list the elements of the set", $"{table} {set}");
        batch.Put(1, table);
        batch.Put(2, set);
        return batch;
    }

    /// <summary>Asks for the tables of the family.</summary>
    public static NetlinkBatch ListTables()
    {
        var batch = new NetlinkBatch();
        batch.Begin(TypeOf(Message.GetTable), NetlinkFlags.Dump, new Header { Family = Nft.FamilyInet }, "list the tables of nf_tables");
        return batch;
    }

    /// <summary>The name in an answer to <see cref="ListTables"/>.</summary>
    public static string TableName(ReadOnlySpan<byte> payload) => NetlinkAttributes.TextOf(NetlinkAttributes.Find(payload[4..], 1));

    /// <summary>The keys, values and comments in one answer to <see cref="ListElements"/>.</summary>
    public static void ReadElements(ReadOnlySpan<byte> payload, Action<byte[], byte[], string> take)
    {
        const int Elements = 3;
        const int Key = 1;
        const int Data = 2;
        const int UserData = 6;
        var elements = new NetlinkAttributes(NetlinkAttributes.Find(payload[4..], Elements));
        while (elements.MoveNext())
        {
            var key = NetlinkAttributes.Find(NetlinkAttributes.Find(elements.Value, Key), 1);
            var data = NetlinkAttributes.Find(NetlinkAttributes.Find(elements.Value, Data), 1);
            var comment = NetlinkAttributes.Find(elements.Value, UserData);
            take(key.ToArray(), data.ToArray(), comment.Length > 2 ? NetlinkAttributes.TextOf(comment[2..]) : "");
        }
    }

    public void AddTable()
    {
        Begin(Message.NewTable, NetlinkFlags.Create, "add the table", _table);
        _batch.PutBigEndian(2, 0);
    }

    public void DeleteTable() => Begin(Message.DeleteTable, NetlinkFlags.None, "remove the table", _table);

    public void AddChain(string name, NftHook? hook = null)
    {
        Begin(Message.NewChain, NetlinkFlags.Create, "add the chain", name);
        _batch.Put(3, name);
        if (hook is null)
        {
            return;
        }
        using (_batch.Begin(4))
        {
            _batch.PutBigEndian(1, hook.Number);
            _batch.PutBigEndian(2, unchecked((uint)hook.Priority));
        }
        _batch.PutBigEndian(5, Nft.VerdictAccept);
        _batch.Put(7, hook.Type);
    }

    public void DeleteChain(string name)
    {
        Begin(Message.DeleteChain, NetlinkFlags.None, "remove the chain", name);
        _batch.Put(3, name);
    }

    /// <summary>Removes all rules of a chain.</summary>
    public void Flush(string chain)
    {
        Begin(Message.DeleteRule, NetlinkFlags.None, "empty the chain", chain);
        _batch.Put(2, chain);
    }

    /// <summary>Adds a set, or with a value type a map. One that is there already must be the same.</summary>
    public void AddSet(string name, NftType key, NftType? value = null)
    {
        Begin(Message.NewSet, NetlinkFlags.Create, "add the set", name);
        _batch.Put(2, name);
        _batch.PutBigEndian(3, value is null ? 0 : MapFlag);
        _batch.PutBigEndian(4, key.Code);
        _batch.PutBigEndian(5, key.Length);
        if (value is { } type)
        {
            _batch.PutBigEndian(6, type.Code);
            _batch.PutBigEndian(7, type.Length);
        }
        _batch.PutBigEndian(10, ++_sets);
    }

    public void AddElement(string set, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value = default, string? comment = null, string? chain = null)
    {
        Begin(Message.NewElement, NetlinkFlags.Create, "add an element to the set", set);
        _batch.Put(2, set);
        using var elements = _batch.Begin(3);
        using var element = _batch.Begin(1);
        PutValue(1, key);
        if (!value.IsEmpty)
        {
            PutValue(2, value);
        }
        if (chain is not null)
        {
            using var verdict = _batch.Begin(2);
            Nft.PutVerdict(_batch, Nft.VerdictGoto, chain);
        }
        if (comment is not null)
        {
            // Type 0 and a length: what nft(8) shows as the element's comment.
            _batch.Put(6, [0, (byte)(comment.Length + 1), .. Encoding.ASCII.GetBytes(comment), 0]);
        }
    }

    public void DeleteElement(string set, ReadOnlySpan<byte> key)
    {
        Begin(Message.DeleteElement, NetlinkFlags.None, "remove an element of the set", set);
        _batch.Put(2, set);
        using var elements = _batch.Begin(3);
        using var element = _batch.Begin(1);
        PutValue(1, key);
    }

    /// <summary>Adds a rule behind the others of its chain, or before them.</summary>
    public void AddRule(string chain, NftRuleWriter write, bool first = false)
    {
        Begin(Message.NewRule, NetlinkFlags.Create | (first ? NetlinkFlags.None : NetlinkFlags.Append), "add a rule to the chain", chain);
        _batch.Put(2, chain);
        using var expressions = _batch.Begin(4);
        write(new NftExpressions(_batch));
    }

    /// <summary>Brings all of it into force.</summary>
    public IReadOnlyList<NetlinkFailure> Send(NetlinkSocket socket)
    {
        _batch.Begin(BatchEnd, NetlinkFlags.None, new Header { Resource = BigEndianSubsystem }, "end a transaction of nf_tables");
        return socket.Send(_batch);
    }

    /// <summary>Brings all of it into force.</summary>
    /// <exception cref="Linux.Interop.LinuxException">The kernel refused a part, and nothing was changed.</exception>
    public void Execute(NetlinkSocket socket)
    {
        if (Send(socket) is [var failure, ..])
        {
            throw failure.ToException();
        }
    }

    private static ushort TypeOf(Message message) => (ushort)((Subsystem << 8) | (ushort)message);

    private void Begin(Message message, NetlinkFlags flags, string operation, string subject)
    {
        _batch.Begin(
            TypeOf(message), flags | NetlinkFlags.Acknowledge, new Header { Family = Nft.FamilyInet }, operation, subject == _table ? subject : $"{_table} {subject}");
        _batch.Put(1, _table);
    }

    private void PutValue(int type, ReadOnlySpan<byte> value)
    {
        using var nest = _batch.Begin(type);
        _batch.Put(1, value);
    }

    /// <summary>struct nfgenmsg.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Header
    {
        public byte Family;
        public byte Version;
        public ushort Resource;
    }
}

/// <summary>Writes a rule's expressions.</summary>
internal delegate void NftRuleWriter(NftExpressions rule);
