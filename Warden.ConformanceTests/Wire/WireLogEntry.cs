using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Warden.ConformanceTests.Wire;

/// <summary>One thing that happened on a connection; bytes beyond the first are counted and not kept.</summary>
internal readonly struct WireLogEntry
{
    private const int KeptBytes = 2048;
    private const int ShownBytes = 200;
    private readonly Kind _kind;
    private readonly byte[] _bytes;
    private readonly int _length;
    private readonly string? _note;

    private WireLogEntry(Kind kind, int connection, ReadOnlySpan<byte> bytes, string? note)
    {
        _kind = kind;
        _bytes = bytes[..Math.Min(bytes.Length, KeptBytes)].ToArray();
        _length = bytes.Length;
        _note = note;
        Connection = connection;
        Time = Stopwatch.GetTimestamp();
    }

    private enum Kind
    {
        Sent,
        Received,
        Note,
    }

    public int Connection { get; }

    /// <summary>When it happened, as <see cref="Stopwatch"/> counts.</summary>
    public long Time { get; }

    public static WireLogEntry Sent(int connection, ReadOnlySpan<byte> frames) => new(Kind.Sent, connection, frames, null);

    public static WireLogEntry Received(int connection, ReadOnlySpan<byte> payload) => new(Kind.Received, connection, payload, null);

    public static WireLogEntry Note(int connection, string text) => new(Kind.Note, connection, default, text);

    /// <summary>The messages, a line each, or the bytes where they are none.</summary>
    public IEnumerable<string> Lines() => _kind switch
    {
        Kind.Note => [$"· {_note}"],
        Kind.Received => [$"← {Describe(_bytes, _length, "Response")}"],
        _ => DescribeFrames(),
    };

    /// <summary>What was sent need be no whole frame: tests tear them, and send some that are none.</summary>
    private List<string> DescribeFrames()
    {
        var lines = new List<string>();
        var start = 0;
        while (start < _bytes.Length && TryReadFrame(_bytes.AsSpan(start), out var header, out var payload))
        {
            lines.Add($"→ {Describe(_bytes.AsSpan(start + header, payload), payload, "Request")}");
            start += header + payload + 2;
        }

        if (start < _length)
        {
            lines.Add($"→ {ShowBytes(_bytes.AsSpan(start), _length - start)}");
        }

        return lines;
    }

    private static bool TryReadFrame(ReadOnlySpan<byte> data, out int header, out int payload)
    {
        payload = 0;
        header = data.IndexOf("\r\n"u8) + 2;
        return header is > 2 and < 12
            && int.TryParse(data[..(header - 2)], NumberStyles.None, null, out payload)
            && data.Length >= (long)header + payload + 2
            && data.Slice(header + payload, 2).SequenceEqual("\r\n"u8);
    }

    private static string Describe(ReadOnlySpan<byte> payload, int length, string kind)
    {
        if (payload.Length == length)
        {
            try
            {
                return Escape(WireFrame.Open(payload, kind).Message.ToString());
            }
            catch (Exception exception) when (exception is WireFormatException or KeyNotFoundException)
            {
                // Bad messages are what some tests are about: their bytes are shown.
            }
        }

        return ShowBytes(payload, length);
    }

    private static string ShowBytes(ReadOnlySpan<byte> bytes, int length)
    {
        var shown = bytes[..Math.Min(bytes.Length, ShownBytes)];
        return $"{length} bytes: \"{Escape(Encoding.Latin1.GetString(shown))}\"{(shown.Length < length ? "…" : "")}";
    }

    /// <summary>Text with every byte that is no printable ASCII as an escape.</summary>
    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            _ = letter switch
            {
                '\n' => escaped.Append("\\n"),
                '\r' => escaped.Append("\\r"),
                '\t' => escaped.Append("\\t"),
                >= ' ' and < '\x7f' => escaped.Append(letter),
                _ => escaped.Append($"\\x{(int)letter:x2}"),
            };
        }

        return escaped.ToString();
    }
}
