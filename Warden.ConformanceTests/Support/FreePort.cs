using System.Net;
using System.Net.Sockets;

namespace Warden.ConformanceTests.Support;

/// <summary>
/// TCP ports of the host that nothing uses now. None is given twice, and none is of those that Linux hands to connections by itself (ip(7),
/// ip_local_port_range): so nobody takes it before the server does.
/// </summary>
public static class FreePort
{
    private const int First = 20000;
    private const int Count = 12000;

    private static int _next = Random.Shared.Next(Count);

    public static int Next()
    {
        for (var tries = 0; tries < Count; tries++)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _next) % Count);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // It is in use.
            }
        }

        throw new InvalidOperationException($"no port of {First} to {First + Count - 1} is free");
    }
}
