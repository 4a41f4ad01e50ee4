using System.Buffers;
using System.Text.Json;

namespace Warden.Spec.Capture;

/// <summary>
/// The lines of a transcript, each an object that says when (<c>at</c>, seconds since the capture began) and on which connection
/// (<c>on</c>). They are gathered until they are written together, whole, so that a capture may be killed at any time.
/// </summary>
/// <param name="file">The transcript.</param>
/// <param name="clock">Tells how much time lies between two timestamps.</param>
/// <param name="start">The timestamp of the capture's beginning.</param>
internal sealed class TranscriptLines(Stream file, TimeProvider clock, long start) : IDisposable
{
    private const int Kept = 1024 * 1024;

    private readonly Utf8JsonWriter _json = new(Stream.Null, TranscriptFields.Options);
    private ArrayBufferWriter<byte> _lines = new();

    /// <summary>Whether so much has been gathered that it must be written.</summary>
    public bool IsFull => _lines.WrittenCount >= Kept;

    /// <summary>Adds a line.</summary>
    /// <param name="at">The timestamp of what it tells.</param>
    /// <param name="connection">The connection's name.</param>
    /// <param name="write">Writes the other properties.</param>
    public void Add(long at, string connection, Action<Utf8JsonWriter> write)
    {
        _json.Reset(_lines);
        _json.WriteStartObject();
        WriteSeconds(_json, "at", start, at);
        _json.WriteString("on", connection);
        write(_json);
        _json.WriteEndObject();
        _json.Flush();
        _lines.Write("\n"u8);
    }

    /// <summary>Writes the time between two timestamps as seconds, to the microsecond.</summary>
    public void WriteSeconds(Utf8JsonWriter json, string name, long from, long to) =>
        json.WriteNumber(name, (decimal)(long)clock.GetElapsedTime(from, to).TotalMicroseconds / 1_000_000);

    /// <summary>Writes what was gathered.</summary>
    public async ValueTask FlushAsync()
    {
        await file.WriteAsync(_lines.WrittenMemory).ConfigureAwait(false);
        if (_lines.Capacity > 2 * Kept)
        {
            _lines = new ArrayBufferWriter<byte>();
        }

        _lines.ResetWrittenCount();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _json.Dispose();
        file.Dispose();
    }
}
