using System.IO.Pipelines;
using System.Net.Sockets;
using Warden.Spec.Protocol;

namespace Warden.Spec.Server.Connections;

/// <summary>
/// The receiving side of a connection: reads ahead of the request in work, at most 1 MiB, and notices that the client is gone also
/// while nothing is read.
/// </summary>
internal sealed class ConnectionInput
{
    // What is read at once is bounded by MaxRead, so the sum stays within 1 MiB.
    private const int MaxRead = 64 * 1024;
    private const int ReadAhead = (1024 * 1024) - MaxRead;
    private const int FirstRead = 4 * 1024;

    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(200);

    private readonly Socket _socket;
    private readonly TimeProvider _clock;
    private readonly Action _gone;
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Inline: the requests are worked on where their bytes arrive, without a change of threads.
    private readonly Pipe _pipe = new(new PipeOptions(
        readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: ReadAhead,
        resumeWriterThreshold: ReadAhead / 2, minimumSegmentSize: FirstRead, useSynchronizationContext: false));

    /// <summary>Creates the receiving side.</summary>
    /// <param name="socket">The connection.</param>
    /// <param name="frameLimit">The longest payload in bytes.</param>
    /// <param name="clock">The clock that the peer lives in too.</param>
    /// <param name="gone">Called once when the client has gone: it takes no answer any more.</param>
    public ConnectionInput(Socket socket, long frameLimit, TimeProvider clock, Action gone)
    {
        _socket = socket;
        _clock = clock;
        _gone = gone;
        Frames = new FrameReader(_pipe.Reader, frameLimit);
    }

    /// <summary>The frames that arrive.</summary>
    public FrameReader Frames { get; }

    /// <summary>Receives until the client has sent everything or is gone, or <see cref="Finish"/> is called.</summary>
    public async Task ReceiveAsync()
    {
        try
        {
            await FillAsync().ConfigureAwait(false);
            await _pipe.Writer.CompleteAsync().ConfigureAwait(false);
            await WatchAsync(_finished.Task).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            if (!_finished.Task.IsCompleted)
            {
                _gone();
            }

            await _pipe.Writer.CompleteAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Drops everything that still arrives, until the client has sent everything or the token is cancelled.</summary>
    public async Task DiscardAsync(CancellationToken cancellationToken)
    {
        Frames.Release();
        while (true)
        {
            var result = await _pipe.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            _pipe.Reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return;
            }
        }
    }

    /// <summary>Ends the reading side; nothing is taken from <see cref="Frames"/> any more.</summary>
    public void Finish()
    {
        _finished.TrySetResult();
        _pipe.Reader.Complete();
    }

    private async Task FillAsync()
    {
        var size = FirstRead;
        while (true)
        {
            var memory = _pipe.Writer.GetMemory(size / 2);
            memory = memory.Length > MaxRead ? memory[..MaxRead] : memory;
            var received = await _socket.ReceiveAsync(memory, SocketFlags.None).ConfigureAwait(false);
            if (received == 0)
            {
                return;
            }

            // A client that fills what it is given is sending much.
            size = received < memory.Length ? size : Math.Min(size * 2, MaxRead);
            _pipe.Writer.Advance(received);
            var flush = _pipe.Writer.FlushAsync();
            var result = flush.IsCompleted ? await flush.ConfigureAwait(false) : await ResumeAsync(flush.AsTask()).ConfigureAwait(false);
            if (result.IsCompleted)
            {
                return;
            }
        }
    }

    /// <summary>Waits, having read as far ahead as is allowed, until requests were taken.</summary>
    private async ValueTask<FlushResult> ResumeAsync(Task<FlushResult> resumed)
    {
        await WatchAsync(resumed).ConfigureAwait(false);
        return await resumed.ConfigureAwait(false);
    }

    /// <summary>Looks, until a task is done, whether the client is still there.</summary>
    private async Task WatchAsync(Task until)
    {
        if (until.IsCompleted)
        {
            return;
        }

        using var timer = new PeriodicTimer(ProbeInterval, _clock);
        while (!PeerProbe.IsGone(_socket))
        {
            var tick = timer.WaitForNextTickAsync().AsTask();
            if (await Task.WhenAny(until, tick).ConfigureAwait(false) == until)
            {
                return;
            }
        }

        _gone();
    }
}
