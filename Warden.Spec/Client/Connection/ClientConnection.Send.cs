using System.Net.Sockets;

namespace Warden.Spec.Client.Connection;

internal sealed partial class ClientConnection
{
    private readonly Operation _sending;
    private Flusher? _flusher;

    // Frames are appended to one buffer while the other is under way. Whoever set _isFlushing owns the one under way.
    private OutputBuffer _output = new();
    private OutputBuffer _underWay = new();
    private bool _isFlushing;
    private int _sent;

    /// <summary>Sends until nothing is left. Only the owner of _isFlushing calls it.</summary>
    private void Flush()
    {
        try
        {
            while (Next())
            {
                if (_socket!.SendAsync(_sending))
                {
                    return;
                }

                if (!Sent())
                {
                    return;
                }
            }
        }
        catch (ObjectDisposedException)
        {
            // The connection has ended on another thread, which has told every call.
        }
    }

    private void OnSent()
    {
        if (Sent())
        {
            Flush();
        }
    }

    private bool Sent()
    {
        if (_sending.SocketError != SocketError.Success)
        {
            // The server may have said why before it closed: what it sent is read first, and the end of it ends the connection.
            return false;
        }

        _sent += _sending.BytesTransferred;
        return true;
    }

    private bool Next()
    {
        if (_sent == _underWay.Count)
        {
            _underWay.Clear();
            _sent = 0;
            lock (_gate)
            {
                if (_output.Count == 0)
                {
                    _isFlushing = false;
                    return false;
                }

                (_output, _underWay) = (_underWay, _output);
            }
        }

        _sending.SetBuffer(_underWay.Bytes, _sent, _underWay.Count - _sent);
        return true;
    }

    private sealed class Flusher(ClientConnection connection) : IThreadPoolWorkItem
    {
        public void Execute() => connection.Flush();
    }
}
