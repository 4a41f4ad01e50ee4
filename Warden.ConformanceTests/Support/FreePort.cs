using System.Net;
using System.Net.Sockets;

namespace Warden.ConformanceTests.Support;

/// <summary>TCP ports of the host that nothing uses now.</summary>
public static class FreePort
{
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
