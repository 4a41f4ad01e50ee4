using System.Buffers.Text;
using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Client.Connection;

/// <summary>Whole frames that wait to be sent, one behind the other.</summary>
internal sealed class OutputBuffer
{
    private const int InitialSize = 4096;

    // A buffer that one large script has blown up is not kept for the pings that follow.
    private const int KeptSize = 256 * 1024;

    private byte[] _bytes = new byte[InitialSize];

    internal int Count { get; private set; }

    internal ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Count);

    internal byte[] Bytes => _bytes;

    internal void Append(ReadOnlySpan<byte> frame)
    {
        frame.CopyTo(Reserve(frame.Length));
        Count += frame.Length;
    }

    /// <summary>Encodes a request's frame; nothing of it stays when encoding fails.</summary>
    internal void Append(Message.Types.Type type, IMessage request)
    {
        int payload = request.CalculateSize();
        int message = 1 + VarintSize((uint)type) + 1 + VarintSize((uint)payload) + payload;
        Span<byte> target = Reserve(message + 16);
        Utf8Formatter.TryFormat(message, target, out int at);
        target[at++] = (byte)'\r';
        target[at++] = (byte)'\n';
        target[at++] = (1 << 3) | 0;
        at += WriteVarint(target[at..], (uint)type);
        target[at++] = (2 << 3) | 2;
        at += WriteVarint(target[at..], (uint)payload);
        if (payload > 0)
        {
            request.WriteTo(target.Slice(at, payload));
            at += payload;
        }

        target[at++] = (byte)'\r';
        target[at++] = (byte)'\n';
        Count += at;
    }

    internal void Clear()
    {
        Count = 0;
        if (_bytes.Length > KeptSize)
        {
            _bytes = new byte[InitialSize];
        }
    }

    private Span<byte> Reserve(int size)
    {
        if (_bytes.Length - Count < size)
        {
            long wanted = Math.Max((long)_bytes.Length * 2, (long)Count + size);
            Array.Resize(ref _bytes, (int)Math.Min(Math.Max(wanted, size), Array.MaxLength));
        }

        return _bytes.AsSpan(Count);
    }

    private static int VarintSize(uint value)
    {
        int size = 1;
        for (; value >= 0x80; value >>= 7)
        {
            size++;
        }

        return size;
    }

    private static int WriteVarint(Span<byte> target, uint value)
    {
        int size = 0;
        for (; value >= 0x80; value >>= 7)
        {
            target[size++] = (byte)(value | 0x80);
        }

        target[size++] = (byte)value;
        return size;
    }
}
