using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Warden.Linux.Networking.Interop;

/// <summary>The flags of a request (netlink(7)).</summary>
[Flags]
internal enum NetlinkFlags : ushort
{
    None = 0,
    Request = 0x1,
    Acknowledge = 0x4,
    Replace = 0x100,
    Exclusive = 0x200,
    Create = 0x400,
    Append = 0x800,

    /// <summary>Of a request that reads: every object. The bits mean something else where one is made.</summary>
    Dump = Replace | Exclusive,
}

/// <summary>One or more netlink messages, written one after the other into one datagram.</summary>
internal sealed class NetlinkBatch
{
    public const int HeaderLength = 16;
    private const ushort NestedFlag = 0x8000;
    private static uint _lastSequence = (uint)Environment.TickCount;
    private readonly List<Entry> _entries = [];
    private byte[] _buffer = new byte[2048];
    private int _length;
    private int _start;

    /// <summary>What a message asks for, in the words of a failure: "Cannot add the interface w-1-0".</summary>
    public readonly record struct Entry(uint Sequence, string Operation, string? Subject, bool Acknowledged);

    /// <summary>A nested attribute, which ends with the scope.</summary>
    public readonly ref struct Nest
    {
        private readonly NetlinkBatch _batch;
        private readonly int _start;

        public Nest(NetlinkBatch batch, int start)
        {
            _batch = batch;
            _start = start;
        }

        public void Dispose() => BinaryPrimitives.WriteUInt16LittleEndian(_batch._buffer.AsSpan(_start), checked((ushort)(_batch._length - _start)));
    }

    /// <summary>What has been asked for, in order.</summary>
    public IReadOnlyList<Entry> Entries => _entries;

    /// <summary>The datagram.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>Begins the next message with its family's own header. <see cref="NetlinkFlags.Request"/> is set always.</summary>
    public void Begin<T>(ushort type, NetlinkFlags flags, in T header, string operation, string? subject = null)
        where T : unmanaged
    {
        var sequence = Interlocked.Increment(ref _lastSequence);
        _entries.Add(new Entry(sequence, operation, subject, flags.HasFlag(NetlinkFlags.Acknowledge)));
        _start = _length;
        var span = Reserve(HeaderLength);
        BinaryPrimitives.WriteUInt16LittleEndian(span[4..], type);
        BinaryPrimitives.WriteUInt16LittleEndian(span[6..], (ushort)(flags | NetlinkFlags.Request));
        BinaryPrimitives.WriteUInt32LittleEndian(span[8..], sequence);
        WriteStruct(header);
    }

    /// <summary>Writes a structure as it lies in memory, as the kernel reads it.</summary>
    public void WriteStruct<T>(in T value)
        where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value));
        bytes.CopyTo(Reserve(bytes.Length));
        CloseMessage();
    }

    public void Put(int type, ReadOnlySpan<byte> value)
    {
        var span = Reserve(4 + value.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(span, checked((ushort)(4 + value.Length)));
        BinaryPrimitives.WriteUInt16LittleEndian(span[2..], (ushort)type);
        value.CopyTo(span[4..]);
        CloseMessage();
    }

    public void Put<T>(int type, in T value)
        where T : unmanaged => Put(type, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    /// <summary>A number in network order, as all of nf_tables' are.</summary>
    public void PutBigEndian(int type, uint value) => Put(type, BinaryPrimitives.ReverseEndianness(value));

    /// <summary>A text with the NUL at its end.</summary>
    public void Put(int type, string value)
    {
        Span<byte> bytes = stackalloc byte[256];
        var length = Encoding.ASCII.GetBytes(value, bytes[..^1]);
        bytes[length] = 0;
        Put(type, bytes[..(length + 1)]);
    }

    /// <summary>Begins an attribute of attributes.</summary>
    public Nest Begin(int type)
    {
        var start = _length;
        Put(type | NestedFlag, []);
        return new Nest(this, start);
    }

    private void CloseMessage() => BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(_start), (uint)(_length - _start));

    /// <summary>Room at the end, zeroed up to the next multiple of 4.</summary>
    private Span<byte> Reserve(int length)
    {
        var padded = (length + 3) & ~3;
        if (_length + padded > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(2 * _buffer.Length, _length + padded));
        }
        var span = _buffer.AsSpan(_length, padded);
        span.Clear();
        _length += padded;
        return span[..length];
    }
}
