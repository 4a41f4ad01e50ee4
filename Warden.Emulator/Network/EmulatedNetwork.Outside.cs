using System.Net;
using System.Text;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Network;

/// <summary>The world outside, and the ways in for tests.</summary>
public sealed partial class EmulatedNetwork
{
    private const int EchoPort = 7;
    private const int DiscardPort = 9;
    private const int HttpPort = 80;
    private static readonly IPNetwork OutsideNetwork = IPNetwork.Parse("203.0.113.0/24");
    private readonly Dictionary<IPEndPoint, Func<ConnectionStream, Task>> _services = [];

    /// <summary>Adds a service outside (or on the host, when the address is one of its own); one that is there is replaced.</summary>
    /// <param name="address">The address, anywhere but in a container; it answers ping from now on.</param>
    /// <param name="port">The TCP port.</param>
    /// <param name="handler">Serves one connection, which is closed when it returns.</param>
    public void AddOutsideHost(IPAddress address, int port, Func<ConnectionStream, Task> handler)
    {
        lock (_gate)
        {
            _services[new IPEndPoint(address, port)] = handler;
        }
    }

    /// <summary>Connects from <see cref="OutsidePeer"/> to a port of the host's external address, as a user of a forwarded port does.</summary>
    /// <param name="port">The host's port.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ErrnoException">ECONNREFUSED when nothing is forwarded or nobody listens; ETIMEDOUT.</exception>
    public async ValueTask<ConnectionStream> ConnectFromOutsideAsync(int port, CancellationToken cancellationToken = default) =>
        new(await ConnectAsync(Outside, new IPEndPoint(ExternalAddress, port), null, null, cancellationToken, OutsidePeer).ConfigureAwait(false));

    /// <summary>Connects from the host to a container, to a forwarded port of its own, or to the world outside.</summary>
    /// <param name="address">The address.</param>
    /// <param name="port">The TCP port.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ErrnoException">ECONNREFUSED, EHOSTUNREACH, ETIMEDOUT.</exception>
    public async ValueTask<ConnectionStream> ConnectFromHostAsync(IPAddress address, int port, CancellationToken cancellationToken = default) =>
        new(await ConnectAsync(Host, new IPEndPoint(address, port), null, null, cancellationToken).ConfigureAwait(false));

    private bool IsOutside(IPAddress address)
    {
        if (OutsideNetwork.Contains(address))
        {
            return true;
        }
        lock (_gate)
        {
            return _services.Keys.Any(service => service.Address.Equals(address));
        }
    }

    private bool RunsStandardServices(IPAddress address) => OutsideNetwork.Contains(address) || IsHostAddress(address);

    /// <summary>A listener that hands its one connection to the service at the destination; null when there is no service.</summary>
    private ListenSocket? Serve(Route route)
    {
        if (route.Stack!.Kind == StackKind.Container || IPAddress.IsLoopback(route.Destination.Address))
        {
            return null;
        }
        Func<ConnectionStream, Task>? handler;
        lock (_gate)
        {
            _services.TryGetValue(route.Destination, out handler);
        }
        if (handler is null && RunsStandardServices(route.Destination.Address))
        {
            handler = route.Destination.Port switch
            {
                EchoPort => EchoAsync,
                DiscardPort => connection => connection.CopyToAsync(Stream.Null),
                HttpPort => ServePageAsync,
                _ => null,
            };
        }
        if (handler is null)
        {
            return null;
        }
        var listener = new ListenSocket(route.Stack, route.Destination, 0, 0);
        _ = Task.Run(() => ServeOneAsync(listener, handler));
        return listener;
    }

    private static async Task ServeOneAsync(ListenSocket listener, Func<ConnectionStream, Task> handler)
    {
        await using var connection = new ConnectionStream(await listener.AcceptAsync(CancellationToken.None).ConfigureAwait(false));
        try
        {
            await handler(connection).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The peer has gone: a server goes on to its next connection.
        }
    }

    private static async Task EchoAsync(ConnectionStream connection)
    {
        await connection.CopyToAsync(connection).ConfigureAwait(false);
    }

    private static async Task ServePageAsync(ConnectionStream connection)
    {
        var head = await ReadHeadAsync(connection).ConfigureAwait(false);
        var request = head.Split('\n', 2)[0].TrimEnd('\r').Split(' ');
        var (status, page) = request switch
        {
            ["GET" or "HEAD" or "POST", "/" or "/index.html", ..] => ("200 OK", "<html><body>It works!</body></html>\n"),
            ["GET" or "HEAD" or "POST", _, ..] => ("404 Not Found", "<html><body>Not found</body></html>\n"),
            _ => ("400 Bad Request", "<html><body>Bad request</body></html>\n"),
        };
        var answer = $"HTTP/1.1 {status}\r\nServer: warden-emulator\r\nContent-Type: text/html\r\nContent-Length: {page.Length}\r\nConnection: close\r\n\r\n";
        await connection.WriteAsync(Encoding.ASCII.GetBytes(request[0] == "HEAD" ? answer : answer + page)).ConfigureAwait(false);
        connection.ShutdownWrite();
        await connection.CopyToAsync(Stream.Null).ConfigureAwait(false);
    }

    private static async Task<string> ReadHeadAsync(ConnectionStream connection)
    {
        const int LongestHead = 64 * 1024;
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (text.Length < LongestHead)
        {
            var count = await connection.ReadAsync(buffer.AsMemory()).ConfigureAwait(false);
            text.Append(Encoding.Latin1.GetString(buffer, 0, count));
            var soFar = text.ToString();
            if (count == 0 || soFar.Contains("\r\n\r\n", StringComparison.Ordinal) || soFar.Contains("\n\n", StringComparison.Ordinal))
            {
                return soFar;
            }
        }
        return text.ToString();
    }

    /// <summary>The UDP services: echo and discard. False when there is none at the destination.</summary>
    private bool AnswerDatagram(Route route, ReadOnlyMemory<byte> data, UdpSocket socket, IPEndPoint asked)
    {
        if (route.Stack!.Kind == StackKind.Container || route.Loopback || !RunsStandardServices(route.Destination.Address))
        {
            return false;
        }
        if (route.Destination.Port == EchoPort)
        {
            var copy = data.ToArray();
            _ = Task.Run(() => ReplyAsync(socket, copy, asked));
            return true;
        }
        return route.Destination.Port == DiscardPort;
    }

    private static async Task ReplyAsync(UdpSocket socket, byte[] data, IPEndPoint from)
    {
        if (socket.Stack.Incoming is { } bucket)
        {
            await bucket.PassAsync(data.Length + 28, CancellationToken.None).ConfigureAwait(false);
        }
        socket.Deliver(data, from);
    }
}
