using System.Threading.Channels;

namespace Warden.Spec.Capture;

/// <summary>
/// Writes down what happens on connections, in the order in which it is told. What is not yet written is bounded: who tells more waits.
/// </summary>
internal sealed class SessionRecorder : IAsyncDisposable
{
    // So many chunks of at most 64 KiB wait to be written.
    private const int Backlog = 256;

    private readonly Channel<Action> _events =
        Channel.CreateBounded<Action>(new BoundedChannelOptions(Backlog) { SingleReader = true });

    private readonly TranscriptLines _lines;
    private readonly TimeProvider _clock;
    private readonly Task _writing;
    private int _connections;

    /// <summary>Begins a transcript.</summary>
    /// <param name="file">Where it goes; the recorder closes it.</param>
    /// <param name="clock">The clock of the transcript's times.</param>
    public SessionRecorder(Stream file, TimeProvider clock)
    {
        _clock = clock;
        _lines = new TranscriptLines(file, clock, clock.GetTimestamp());
        _writing = WriteAsync();
    }

    /// <summary>Completes when all is written; fails when the transcript cannot be written.</summary>
    public Task Completion => _writing;

    /// <summary>Begins to record a connection.</summary>
    public async ValueTask<ConnectionRecord> OpenAsync()
    {
        var record = new ConnectionRecord($"c{++_connections}", _lines);
        var time = _clock.GetUtcNow();
        await AddAsync(at => record.Opened(at, time)).ConfigureAwait(false);
        return record;
    }

    /// <summary>Records bytes, of which a copy is kept until they are written.</summary>
    public ValueTask ReceivedAsync(ConnectionRecord record, Party from, ReadOnlySpan<byte> bytes)
    {
        var copy = bytes.ToArray();
        return AddAsync(at => record.Received(at, from, copy));
    }

    /// <summary>Records something else.</summary>
    /// <param name="write">Writes it down, given the timestamp of this call.</param>
    /// <exception cref="ChannelClosedException">The transcript cannot be written, or is closed.</exception>
    public ValueTask AddAsync(Action<long> write)
    {
        var at = _clock.GetTimestamp();
        return _events.Writer.WriteAsync(() => write(at));
    }

    /// <summary>Writes what was told and closes the transcript.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    public async ValueTask DisposeAsync()
    {
        _events.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
    }

    private async Task WriteAsync()
    {
        // Who tells something goes on with the bytes that it has.
        await Task.Yield();
        using var lines = _lines;
        try
        {
            while (await _events.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                while (!lines.IsFull && _events.Reader.TryRead(out var write))
                {
                    write();
                }

                await lines.FlushAsync().ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            _events.Writer.TryComplete(e);
            throw;
        }
    }
}
