using System.Buffers;

namespace Warden.Spec.Protocol;

/// <summary>Finds the frame at the beginning of some bytes. Refuses what cannot become a frame at the first byte that shows it.</summary>
internal static class FrameParser
{
    /// <summary>The most digits that a length may have: any such number fits into 63 bits.</summary>
    private const int MaxDigits = 18;

    private const int MaxHeader = MaxDigits + 2;

    /// <summary>Finds the payload of the first frame and the place behind that frame. False when more bytes are needed.</summary>
    /// <exception cref="FrameException">No bytes that follow can make this a frame.</exception>
    public static bool TryParse(
        in ReadOnlySequence<byte> bytes, long limit, out ReadOnlySequence<byte> payload, out SequencePosition next)
    {
        payload = default;
        next = default;
        Span<byte> copy = stackalloc byte[MaxHeader];
        scoped var head = bytes.FirstSpan;
        if (head.Length < MaxHeader && !bytes.IsSingleSegment)
        {
            var start = bytes.Length > MaxHeader ? bytes.Slice(0, MaxHeader) : bytes;
            start.CopyTo(copy);
            head = copy[..(int)start.Length];
        }

        if (!TryParseHeader(head, limit, out var length, out var headerLength))
        {
            return false;
        }

        var available = bytes.Length - headerLength - length;
        if (available <= 0)
        {
            return false;
        }

        var rest = bytes.Slice(headerLength);
        var end = rest.GetPosition(length);
        var tail = rest.Slice(end);
        CheckLineEnd(tail.FirstSpan[0], (byte)'\r');
        if (available == 1)
        {
            return false;
        }

        CheckLineEnd(tail.Slice(1).FirstSpan[0], (byte)'\n');
        payload = rest.Slice(rest.Start, end);
        next = tail.GetPosition(2);
        return true;
    }

    private static bool TryParseHeader(ReadOnlySpan<byte> head, long limit, out long length, out int headerLength)
    {
        length = 0;
        headerLength = 0;
        for (var i = 0; i < head.Length; i++)
        {
            var digit = head[i] - '0';
            if ((uint)digit > 9)
            {
                return EndsHeader(head, i, length, limit, out headerLength);
            }

            if (i == 1 && length == 0)
            {
                throw new FrameException("bad frame: the length has a leading zero");
            }

            if (i == MaxDigits)
            {
                throw new FrameException($"bad frame: the length has too many digits, at most {limit} bytes are accepted");
            }

            length = (length * 10) + digit;
        }

        return false;
    }

    private static bool EndsHeader(ReadOnlySpan<byte> head, int at, long length, long limit, out int headerLength)
    {
        headerLength = at + 2;
        if (at == 0)
        {
            throw new FrameException(head[0] == '\r'
                ? "bad frame: the length is empty"
                : $"bad frame: the length is not a number (unexpected byte 0x{head[0]:x2})");
        }

        if (head[at] != '\r')
        {
            throw new FrameException(head[at] == '\n'
                ? "bad frame: the length does not end with CR LF"
                : $"bad frame: the length is not a number (unexpected byte 0x{head[at]:x2})");
        }

        if (at + 1 < head.Length && head[at + 1] != '\n')
        {
            throw new FrameException("bad frame: the length does not end with CR LF");
        }

        if (length > limit)
        {
            throw new FrameException($"bad frame: its length of {length} bytes is over the limit of {limit} bytes");
        }

        return at + 1 < head.Length;
    }

    private static void CheckLineEnd(byte actual, byte expected)
    {
        if (actual != expected)
        {
            throw new FrameException("bad frame: the payload is not followed by CR LF");
        }
    }
}
