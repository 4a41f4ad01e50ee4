using System.Globalization;
using Warden.Spec.Protocol;

namespace Warden.Spec.Client.Connection;

/// <summary>
/// The frame as a client reads it: out of contiguous memory, without copying the payload, and of any size (the frame limit holds
/// for requests only; protocol.md §1).
/// </summary>
internal static class AnswerFrame
{
    private const int MaxLengthDigits = 10;
    private const uint TypeTag = (1 << 3) | 0;
    private const uint PayloadTag = (2 << 3) | 2;

    /// <summary>Finds the first frame.</summary>
    /// <param name="bytes">What was received and not consumed.</param>
    /// <param name="type">The answer's type.</param>
    /// <param name="payload">The answer, encoded.</param>
    /// <param name="frameLength">
    /// The whole frame's length: what to consume when the frame is there, and how much memory it takes when it is not. 0 when even
    /// that is not known yet.
    /// </param>
    /// <returns>Whether the frame is there whole.</returns>
    /// <exception cref="InvalidDataException">The bytes are no frame.</exception>
    internal static bool TryRead(
        ReadOnlySpan<byte> bytes,
        out Message.Types.Type type,
        out ReadOnlySpan<byte> payload,
        out long frameLength)
    {
        type = 0;
        payload = default;
        frameLength = 0;
        if (!TryReadLength(bytes, out int digits, out long length))
        {
            return false;
        }

        frameLength = digits + 2 + length + 2;
        if (bytes.Length < frameLength)
        {
            return false;
        }

        if (bytes[(int)frameLength - 2] != '\r' || bytes[(int)frameLength - 1] != '\n')
        {
            throw new InvalidDataException("The server sent a frame that does not end in CR LF.");
        }

        ReadMessage(bytes.Slice(digits + 2, (int)length), out type, out payload);
        return true;
    }

    private static bool TryReadLength(ReadOnlySpan<byte> bytes, out int digits, out long length)
    {
        digits = 0;
        length = 0;
        while (digits < bytes.Length && (uint)(bytes[digits] - '0') <= 9)
        {
            length = (length * 10) + (bytes[digits] - '0');
            digits++;
            if (digits > MaxLengthDigits || length > Array.MaxLength - 64)
            {
                throw new InvalidDataException("The server sent a frame longer than this process can hold.");
            }
        }

        if (digits < bytes.Length && (digits == 0 || bytes[digits] != '\r' || (digits + 1 < bytes.Length && bytes[digits + 1] != '\n')))
        {
            throw new InvalidDataException("The server sent a frame that does not begin with its length.");
        }

        return digits + 1 < bytes.Length;
    }

    // By hand, because Message's own parser would copy the payload into a ByteString of its own.
    private static void ReadMessage(ReadOnlySpan<byte> message, out Message.Types.Type type, out ReadOnlySpan<byte> payload)
    {
        type = 0;
        payload = default;
        bool hasPayload = false;
        while (!message.IsEmpty)
        {
            ulong tag = ReadVarint(ref message);
            switch (tag)
            {
                case TypeTag:
                    type = (Message.Types.Type)(int)ReadVarint(ref message);
                    break;
                case PayloadTag:
                    payload = ReadBytes(ref message);
                    hasPayload = true;
                    break;
                default:
                    SkipField(tag, ref message);
                    break;
            }
        }

        if (type == 0 || !hasPayload)
        {
            throw new InvalidDataException("The server sent a message without type or payload.");
        }
    }

    private static ulong ReadVarint(scoped ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int i = 0; i < bytes.Length && i < 10; i++)
        {
            value |= (ulong)(bytes[i] & 0x7f) << (7 * i);
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return value;
            }
        }

        throw Truncated();
    }

    private static ReadOnlySpan<byte> ReadBytes(scoped ref ReadOnlySpan<byte> bytes)
    {
        ulong length = ReadVarint(ref bytes);
        return Take(ref bytes, length);
    }

    private static ReadOnlySpan<byte> Take(scoped ref ReadOnlySpan<byte> bytes, ulong length)
    {
        if (length > (ulong)bytes.Length)
        {
            throw Truncated();
        }

        ReadOnlySpan<byte> taken = bytes[..(int)length];
        bytes = bytes[(int)length..];
        return taken;
    }

    private static void SkipField(ulong tag, scoped ref ReadOnlySpan<byte> bytes)
    {
        switch ((int)(tag & 7))
        {
            case 0:
                ReadVarint(ref bytes);
                break;
            case 1:
                Take(ref bytes, 8);
                break;
            case 2:
                ReadBytes(ref bytes);
                break;
            case 5:
                Take(ref bytes, 4);
                break;
            default:
                throw new InvalidDataException(
                    string.Create(CultureInfo.InvariantCulture, $"The server sent a message with a field of wire type {tag & 7}."));
        }
    }

    private static InvalidDataException Truncated() => new("The server sent a message that ends too early.");
}
