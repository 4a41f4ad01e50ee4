using System.Net;
using System.Net.Sockets;

namespace Warden.ConformanceTests.Support;

/// <summary>
/// TCP ports of the host that nothing uses now. Each is given once in a run, and from below the range that systems give to connections
/// (ip_local_port_range, 32768 and above): nothing takes it by chance between its choice and its use.
/// </summary>
public static class FreePort
{
    private const int First = 20000;
    private const int Count = 12000;

    private static int _last = Random.Shared.Next(Count);

    public static int Next()
    {
        for (var tries = 0; tries < Count; tries++)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _last) % Count);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // It is in use, or the system keeps it for itself.
            }
        }

        throw new InvalidOperationException($"no port from {First} on is free");
    }
}
