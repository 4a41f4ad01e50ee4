using System.Buffers;
using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Client.Connection;

/// <summary>Whole frames that wait to be sent, one behind the other.</summary>
internal sealed class OutputBuffer : IBufferWriter<byte>
{
    private const int InitialSize = 4096;

    // A buffer that one large script has blown up is not kept for the pings that follow.
    private const int KeptSize = 256 * 1024;

    private byte[] _bytes = new byte[InitialSize];

    internal int Count { get; private set; }

    internal byte[] Bytes => _bytes;

    /// <summary>Encodes a request's frame; nothing of it stays when encoding fails.</summary>
    internal void Append(Message.Types.Type type, IMessage request)
    {
        int before = Count;
        try
        {
            FrameWriter.Write(this, type, request);
        }
        catch
        {
            Count = before;
            throw;
        }
    }

    internal void Append(ReadOnlySpan<byte> frame) => this.Write(frame);

    internal void Clear()
    {
        Count = 0;
        if (_bytes.Length > KeptSize)
        {
            _bytes = new byte[InitialSize];
        }
    }

    public void Advance(int count) => Count += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(Count);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(Count);
    }

    private void Reserve(int size)
    {
        if (_bytes.Length - Count < Math.Max(size, 1))
        {
            long wanted = Math.Max((long)_bytes.Length * 2, (long)Count + size);
            Array.Resize(ref _bytes, checked((int)Math.Max(Math.Min(wanted, Array.MaxLength), (long)Count + size)));
        }
    }
}
