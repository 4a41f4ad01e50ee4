using System.Net;
using System.Net.Sockets;

namespace Warden.Spec.Server.Connections;

/// <summary>Listens on TCP ports.</summary>
internal static class TcpListening
{
    private const int Backlog = 4096;

    /// <summary>Listens; port 0 lets the system choose, and the socket's local end point tells.</summary>
    /// <exception cref="WardenException">The port is taken, or the address is not the host's.</exception>
    public static Socket Listen(IPEndPoint endPoint)
    {
        var listener = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // On Unix .NET sets SO_REUSEADDR itself where it only means that a port in TIME_WAIT can be taken again.
            listener.Bind(endPoint);
            listener.Listen(Backlog);
            return listener;
        }
        catch (SocketException e)
        {
            listener.Dispose();
            throw new WardenException($"cannot listen on {endPoint}: {e.Message}", e);
        }
    }
}
