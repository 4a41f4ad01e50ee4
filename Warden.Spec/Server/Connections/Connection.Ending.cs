using System.Net.Sockets;
using Warden.Spec.Commands;

namespace Warden.Spec.Server.Connections;

/// <content>How a connection ends before its client ends it.</content>
internal sealed partial class Connection
{
    private static readonly TimeSpan LongestStall = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Begins the end (protocol.md §6, Drain): closes the connection now if it is idle or waits for a job; otherwise the request in work
    /// is finished and answered first.
    /// </summary>
    public void Drain()
    {
        bool now;
        lock (_lock)
        {
            _draining = true;
            now = _parked || _inWork?.Drain == DrainPolicy.Close;
        }

        if (now)
        {
            // The socket first: what a cancelled wait might still answer must not look delivered.
            _output.Break();
            Abort();
            Cancel(_waiting);
        }
    }

    /// <summary>Lets no answer out any more, as a killed server does not answer.</summary>
    public void Mute() => _output.Break();

    /// <summary>Closes the connection at once.</summary>
    public void Crash()
    {
        lock (_lock)
        {
            _draining = true;
        }

        _output.Break();
        Abort();
        Cancel(_waiting);
        Cancel(_killed);
    }

    /// <summary>Closes the connection if its client has long not taken an answer, so that it does not hold up a drain.</summary>
    public void CutIfStalled()
    {
        var stalled = _output.Stalled;
        if (stalled > LongestStall)
        {
            ServerLog.ConnectionCut(_logger, Id, stalled);
            Crash();
        }
    }

    private void ClientGone()
    {
        ServerLog.ClientGone(_logger, Id);
        _output.Break();
        Cancel(_waiting);
    }

    private static void Cancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The connection has ended meanwhile.
        }
    }

    private void Abort()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The client was quicker.
        }

        _socket.Dispose();
    }

    private bool Begin(CommandRow row)
    {
        lock (_lock)
        {
            _inWork = row;
            return !_draining;
        }
    }

    private bool End()
    {
        lock (_lock)
        {
            _inWork = null;
            return !_draining;
        }
    }

    private bool Park()
    {
        lock (_lock)
        {
            _parked = true;
            return !_draining;
        }
    }

    private bool Unpark()
    {
        lock (_lock)
        {
            _parked = false;
            return !_draining;
        }
    }
}
