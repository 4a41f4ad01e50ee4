using System.Net.Sockets;

namespace Warden.Spec.Server.Connections;

/// <summary>
/// Tells a peer that has shut down its sending side from one that has gone. Both read as the end of the stream; to a Unix socket whose
/// peer was closed even an empty send fails with EPIPE (unix(7)). A TCP peer's end shows once its reset came, which keep-alive provokes.
/// </summary>
internal static class PeerProbe
{
    /// <summary>Whether nobody can receive any more.</summary>
    public static bool IsGone(Socket socket)
    {
        try
        {
            socket.Send(ReadOnlySpan<byte>.Empty, SocketFlags.None, out var error);
            return error is not (SocketError.Success or SocketError.WouldBlock);
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }
}
