using System.IO.Pipelines;
using System.Net.Sockets;
using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Server.Connections;

/// <summary>
/// The sending side of a connection. Answers are written into one buffer and handed to the operating system together where their
/// senders allow it; nothing cuts a frame that has begun, save the end of the connection.
/// </summary>
internal sealed class ConnectionOutput : IDisposable
{
    // Answers that may wait for others are held back up to this many bytes.
    private const int MaxHeldBack = 64 * 1024;

    // Held only while there is something to send; a small one would cut a long answer into many small sends.
    private const int BufferSize = 32 * 1024;

    private readonly SemaphoreSlim _turn = new(1);
    private readonly NetworkStream _stream;
    private readonly PipeWriter _writer;
    private readonly TimeProvider _clock;
    private long _heldBack;
    private long _sendingSince;
    private volatile bool _broken;

    public ConnectionOutput(Socket socket, TimeProvider clock)
    {
        _clock = clock;
        _stream = new NetworkStream(socket, ownsSocket: false);
        _writer = PipeWriter.Create(_stream, new StreamPipeWriterOptions(minimumBufferSize: BufferSize, leaveOpen: true));
    }

    /// <summary>Whether nothing can be sent any more.</summary>
    public bool IsBroken => _broken;

    /// <summary>Whether answers wait to be handed over.</summary>
    public bool HoldsBack => _heldBack > 0;

    /// <summary>How long the peer has not taken what is being sent to it; zero when nothing is.</summary>
    public TimeSpan Stalled
    {
        get
        {
            var since = Volatile.Read(ref _sendingSince);
            return since == 0 ? TimeSpan.Zero : _clock.GetElapsedTime(since);
        }
    }

    /// <summary>Writes one answer. Unless it may wait for others, it is with the operating system when this completes.</summary>
    /// <exception cref="IOException">The client is gone.</exception>
    public async ValueTask SendAsync(Message.Types.Type type, IMessage message, bool mayWait)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            ThrowIfBroken();
            _heldBack += FrameWriter.Write(_writer, type, message);
            if (!mayWait || _heldBack >= MaxHeldBack)
            {
                await FlushHeldAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Hands every answer over that was held back.</summary>
    /// <exception cref="IOException">The client is gone.</exception>
    public async ValueTask FlushAsync()
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_heldBack > 0)
            {
                ThrowIfBroken();
                await FlushHeldAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Lets nothing more be sent.</summary>
    public void Break() => _broken = true;

    /// <summary>Returns the buffers. Called when nobody sends any more.</summary>
    public void Dispose()
    {
        // With a failure the writer drops what it holds instead of sending it.
        _writer.Complete(new IOException("The connection has ended."));
        _stream.Dispose();
        _turn.Dispose();
    }

    private async ValueTask FlushHeldAsync()
    {
        Volatile.Write(ref _sendingSince, Math.Max(1, _clock.GetTimestamp()));
        try
        {
            await _writer.FlushAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            _broken = true;
            throw new IOException("The client has closed its connection.", e);
        }
        finally
        {
            Volatile.Write(ref _sendingSince, 0);
            _heldBack = 0;
        }
    }

    private void ThrowIfBroken()
    {
        if (_broken)
        {
            throw new IOException("The client has closed its connection.");
        }
    }
}
