using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Google.Protobuf;
using Warden.Spec.Client;
using Warden.Spec.Commands;
using Warden.Spec.Protocol;

namespace Warden.Spec.Capture.Replay;

/// <summary>A connection of the replay. What the server sends is taken off the socket while the replay is busy with other connections.</summary>
internal sealed class ReplayConnection : IAsyncDisposable
{
    private const int ReadAhead = 16 * 1024 * 1024;

    private readonly Socket _socket;
    private readonly Pipe _received = new(new PipeOptions(pauseWriterThreshold: ReadAhead, resumeWriterThreshold: ReadAhead / 2));
    private readonly Task _receiving;

    private ReplayConnection(Socket socket, LearntNames names)
    {
        _socket = socket;
        _receiving = ReceiveAsync();
        Names = names;
        Output = new StreamProgress(names);
    }

    /// <summary>The requests that were not yet answered whole.</summary>
    public Queue<(CommandRow Row, IMessage Message)> Waiting { get; } = new();

    /// <summary>The output of the stream that is being answered.</summary>
    public StreamProgress Output { get; private set; }

    private LearntNames Names { get; }

    /// <summary>Connects.</summary>
    /// <exception cref="WardenException">Nobody listens there.</exception>
    public static async Task<ReplayConnection> OpenAsync(WardenEndpoint server, LearntNames names, CancellationToken cancellationToken)
    {
        try
        {
            return new ReplayConnection(await server.ConnectAsync(cancellationToken).ConfigureAwait(false), names);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            throw new WardenException($"cannot connect to {server}: {e.Message}", e);
        }
    }

    /// <summary>Sends bytes. That the server has closed the connection shows where its answer is read.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None, cancellationToken).ConfigureAwait(false)..];
            }
        }
        catch (SocketException)
        {
        }
    }

    /// <summary>Tells the server that no more is sent.</summary>
    public void EndSending()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The server has closed the connection.
        }
    }

    /// <summary>The request in work was answered whole.</summary>
    public void Answered()
    {
        Waiting.TryDequeue(out _);
        Output = new StreamProgress(Names);
    }

    /// <summary>Reads an answer; null when the server has closed the connection.</summary>
    /// <exception cref="FrameException">What came is no answer.</exception>
    public async Task<Answer?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await _received.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            var (from, to) = (result.Buffer.Start, result.Buffer.End);
            try
            {
                if (FrameParser.TryParse(result.Buffer, long.MaxValue, out var payload, out var next))
                {
                    (from, to) = (next, next);
                    return Answer.Decode(payload);
                }

                if (result.IsCompleted)
                {
                    return result.Buffer.IsEmpty ? null : throw new FrameException("bad frame: the connection ended within it");
                }
            }
            finally
            {
                _received.Reader.AdvanceTo(from, to);
            }
        }
    }

    /// <summary>Reads bytes as they are; fewer when the server closes the connection.</summary>
    public async Task<byte[]> ReadBytesAsync(int length, CancellationToken cancellationToken)
    {
        var result = await _received.Reader.ReadAtLeastAsync(length, cancellationToken).ConfigureAwait(false);
        var bytes = result.Buffer.Slice(0, Math.Min(length, result.Buffer.Length));
        var copy = bytes.ToArray();
        _received.Reader.AdvanceTo(bytes.End);
        return copy;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _received.Reader.CompleteAsync().ConfigureAwait(false);
        await _receiving.ConfigureAwait(false);
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (true)
            {
                var length = await _socket.ReceiveAsync(_received.Writer.GetMemory(), SocketFlags.None).ConfigureAwait(false);
                if (length == 0)
                {
                    break;
                }

                _received.Writer.Advance(length);
                var flushed = await _received.Writer.FlushAsync().ConfigureAwait(false);
                if (flushed.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // A reset is an end as well.
        }

        await _received.Writer.CompleteAsync().ConfigureAwait(false);
    }
}
