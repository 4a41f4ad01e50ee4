using System.Diagnostics;

namespace Warden.ConformanceTests.Wire;

/// <summary>
/// What the connections of one test sent and got: the last entries, each with its first bytes, so that recording costs a copy and no more.
/// It becomes text when the test has failed.
/// </summary>
public sealed class WireLog
{
    private const int Kept = 200;
    private static readonly AsyncLocal<WireLog?> Running = new();
    private readonly Lock _lock = new();
    private readonly WireLogEntry[] _entries = new WireLogEntry[Kept];
    private readonly long _start = Stopwatch.GetTimestamp();
    private int _connections;
    private long _count;
    private bool _hasEnded;

    /// <summary>The log of the test that runs here, or null where none does.</summary>
    public static WireLog? Current => Running.Value;

    /// <summary>Starts a log for what runs from here on.</summary>
    public static WireLog Begin() => Running.Value = new WireLog();

    /// <summary>Numbers a new connection.</summary>
    public int Connected()
    {
        var number = Interlocked.Increment(ref _connections);
        Note(number, "connected");
        return number;
    }

    public void Sent(int connection, ReadOnlySpan<byte> frames) => Add(WireLogEntry.Sent(connection, frames));

    public void Received(int connection, ReadOnlySpan<byte> payload) => Add(WireLogEntry.Received(connection, payload));

    public void Note(int connection, string text) => Add(WireLogEntry.Note(connection, text));

    /// <summary>The test is over: what follows only cleans up.</summary>
    public void End()
    {
        lock (_lock)
        {
            _hasEnded = true;
        }
    }

    /// <summary>A line an entry: milliseconds since the test's start, the connection, the direction, the message. Empty without entries.</summary>
    public override string ToString()
    {
        lock (_lock)
        {
            var first = Math.Max(0, _count - Kept);
            var lines = new List<string>();
            if (first > 0)
            {
                lines.Add($"… {first} earlier entries");
            }

            for (var index = first; index < _count; index++)
            {
                var entry = _entries[index % Kept];
                var elapsed = Stopwatch.GetElapsedTime(_start, entry.Time).TotalMilliseconds;
                lines.AddRange(entry.Lines().Select(line => $"{elapsed,9:F1} ms  #{entry.Connection} {line}"));
            }

            return string.Join('\n', lines);
        }
    }

    private void Add(WireLogEntry entry)
    {
        lock (_lock)
        {
            if (!_hasEnded)
            {
                _entries[_count++ % Kept] = entry;
            }
        }
    }
}
