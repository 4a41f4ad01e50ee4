using System.Buffers;
using Google.Protobuf;

namespace Warden.Spec.Protocol;

/// <summary>
/// The outer <c>Message</c> of a frame, read and written in place: its inner payload is a slice of the frame, where the generated class
/// would make a copy of it. Follows the rules of the protobuf encoding: fields in any order, the last value wins, unknown fields
/// are skipped.
/// </summary>
internal static class MessageEnvelope
{
    private const uint TypeTag = (1 << 3) | 0;
    private const uint PayloadTag = (2 << 3) | 2;
    private const int MaxGroupDepth = 100;

    /// <summary>Reads the type and the inner payload.</summary>
    /// <exception cref="FrameException">The bytes are no Message, or a required field is missing.</exception>
    public static Frame Parse(in ReadOnlySequence<byte> message)
    {
        var reader = new SequenceReader<byte>(message);
        int? type = null;
        ReadOnlySequence<byte>? payload = null;
        while (!reader.End)
        {
            var tag = ReadTag(ref reader);
            switch (tag)
            {
                case TypeTag:
                    type = unchecked((int)ReadVarint(ref reader));
                    break;
                case PayloadTag:
                    payload = ReadBytes(ref reader);
                    break;
                default:
                    Skip(ref reader, tag, 0);
                    break;
            }
        }

        return new Frame(
            type ?? throw new FrameException("bad message: the required field type is missing"),
            payload ?? throw new FrameException("bad message: the required field payload is missing"));
    }

    /// <summary>The size of the Message around an inner payload of this type and size.</summary>
    public static int Size(int type, int payloadSize) =>
        1 + CodedOutputStream.ComputeInt32Size(type) + 1 + CodedOutputStream.ComputeLengthSize(payloadSize) + payloadSize;

    /// <summary>Writes everything of the Message that comes before its inner payload; returns its length.</summary>
    public static int WriteHead(Span<byte> target, int type, int payloadSize)
    {
        var at = 0;
        target[at++] = (byte)TypeTag;
        at += WriteVarint(target[at..], unchecked((ulong)type));
        target[at++] = (byte)PayloadTag;
        return at + WriteVarint(target[at..], (ulong)payloadSize);
    }

    private static int WriteVarint(Span<byte> target, ulong value)
    {
        var at = 0;
        for (; value > 0x7f; value >>= 7)
        {
            target[at++] = (byte)(value | 0x80);
        }

        target[at++] = (byte)value;
        return at;
    }

    private static uint ReadTag(ref SequenceReader<byte> reader)
    {
        // As in Google.Protobuf, what an overlong number has beyond 32 bits is dropped.
        var tag = unchecked((uint)ReadVarint(ref reader));
        return tag >> 3 == 0 ? throw Undecodable() : tag;
    }

    private static ulong ReadVarint(ref SequenceReader<byte> reader)
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (!reader.TryRead(out var octet))
            {
                throw Undecodable();
            }

            value |= (ulong)(octet & 0x7f) << shift;
            if (octet < 0x80)
            {
                return value;
            }
        }

        throw Undecodable();
    }

    private static ReadOnlySequence<byte> ReadBytes(ref SequenceReader<byte> reader)
    {
        var length = unchecked((uint)ReadVarint(ref reader));
        if (length > reader.Remaining)
        {
            throw Undecodable();
        }

        var bytes = reader.UnreadSequence.Slice(0, length);
        reader.Advance(length);
        return bytes;
    }

    private static void Skip(ref SequenceReader<byte> reader, uint tag, int depth)
    {
        switch (tag & 7)
        {
            case 0:
                ReadVarint(ref reader);
                break;
            case 1:
                Advance(ref reader, 8);
                break;
            case 2:
                ReadBytes(ref reader);
                break;
            case 3:
                SkipGroup(ref reader, tag, depth + 1);
                break;
            case 5:
                Advance(ref reader, 4);
                break;
            default:
                throw Undecodable();
        }
    }

    private static void SkipGroup(ref SequenceReader<byte> reader, uint start, int depth)
    {
        var end = start + 1;
        for (var tag = ReadTag(ref reader); tag != end; tag = ReadTag(ref reader))
        {
            if (depth > MaxGroupDepth)
            {
                throw Undecodable();
            }

            Skip(ref reader, tag, depth);
        }
    }

    private static void Advance(ref SequenceReader<byte> reader, long count)
    {
        if (count > reader.Remaining)
        {
            throw Undecodable();
        }

        reader.Advance(count);
    }

    private static FrameException Undecodable() => new("bad message: its payload cannot be decoded");
}
