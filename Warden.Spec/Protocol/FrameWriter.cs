using System.Buffers;
using System.Buffers.Text;
using Google.Protobuf;

namespace Warden.Spec.Protocol;

/// <summary>
/// Writes frames (protocol.md §1) into a buffer, such as a PipeWriter: each message is encoded once, straight into the buffer's own
/// memory. Flushing is the caller's, who knows whether more follows.
/// </summary>
internal static class FrameWriter
{
    // Up to this size a frame is written into one span; a longer one goes into the buffer piece by piece.
    private const int OneSpan = 128 * 1024;

    // A length of at most 10 digits, CR LF, two tags, two varints of at most 10 and 5 bytes.
    private const int MaxHead = 10 + 2 + 1 + 10 + 1 + 5;

    /// <summary>Writes one frame; returns its length in bytes.</summary>
    public static int Write(IBufferWriter<byte> output, Message.Types.Type type, IMessage message) =>
        Write(output, (int)type, message);

    /// <summary>Writes one frame whose type is any number; returns its length in bytes.</summary>
    public static int Write(IBufferWriter<byte> output, int type, IMessage message)
    {
        var size = message.CalculateSize();
        if (size <= OneSpan)
        {
            var span = output.GetSpan(MaxHead + size + 2);
            var at = WriteHead(span, type, size);
            message.WriteTo(span.Slice(at, size));
            at += size;
            span[at++] = (byte)'\r';
            span[at++] = (byte)'\n';
            output.Advance(at);
            return at;
        }

        var head = WriteHead(output.GetSpan(MaxHead), type, size);
        output.Advance(head);
        message.WriteTo(output);
        output.Write("\r\n"u8);
        return head + size + 2;
    }

    private static int WriteHead(Span<byte> target, int type, int size)
    {
        Utf8Formatter.TryFormat(MessageEnvelope.Size(type, size), target, out var at);
        target[at++] = (byte)'\r';
        target[at++] = (byte)'\n';
        return at + MessageEnvelope.WriteHead(target[at..], type, size);
    }
}
