using System.Net;
using System.Net.Sockets;
using System.Text;
using Warden.ConformanceTests.Support;

namespace Warden.ConformanceTests.Targets;

/// <summary>What every address of 203.0.113.0/24 offers to a host: echo (TCP and UDP 7), discard (9), and a page (80) that names its reader.</summary>
internal sealed class LinuxOutside : IAsyncDisposable
{
    private readonly string _namespace;
    private readonly CancellationTokenSource _end = new();
    private readonly List<Socket> _sockets = [];
    private readonly List<Task> _services = [];

    public LinuxOutside(string path)
    {
        _namespace = path;
        Serve(7, EchoAsync);
        Serve(9, DiscardAsync);
        Serve(80, PageAsync);
        var datagrams = NetworkNamespace.NewSocket(path, SocketType.Dgram, ProtocolType.Udp);
        datagrams.Bind(new IPEndPoint(IPAddress.Any, 7));
        _sockets.Add(datagrams);
        _services.Add(EchoDatagramsAsync(datagrams));
    }

    /// <summary>A socket that connects from an address outside.</summary>
    public Socket NewSocket(SocketType type, ProtocolType protocol)
    {
        var socket = NetworkNamespace.NewSocket(_namespace, type, protocol);
        socket.Bind(new IPEndPoint(LinuxServer.OutsideAddress, 0));
        return socket;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _sockets.ForEach(socket => socket.Dispose());
        await Task.WhenAll(_services);
        _end.Dispose();
    }

    private void Serve(int port, Func<Socket, Task> serve)
    {
        var listener = NetworkNamespace.NewSocket(_namespace, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Any, port));
        listener.Listen();
        _sockets.Add(listener);
        _services.Add(AcceptAsync(listener, serve));
    }

    private async Task AcceptAsync(Socket listener, Func<Socket, Task> serve)
    {
        var connections = new List<Task>();
        while (true)
        {
            try
            {
                connections.Add(OneAsync(await listener.AcceptAsync(_end.Token), serve));
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                await Task.WhenAll(connections);
                return;
            }
        }
    }

    private static async Task OneAsync(Socket connection, Func<Socket, Task> serve)
    {
        using (connection)
        {
            try
            {
                await serve(connection);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException)
            {
                // The peer, or the test, has gone.
            }
        }
    }

    private async Task EchoAsync(Socket connection)
    {
        var buffer = new byte[65536];
        for (int length; (length = await connection.ReceiveAsync(buffer, _end.Token)) > 0;)
        {
            await connection.SendAsync(buffer.AsMemory(0, length), _end.Token);
        }
    }

    private async Task DiscardAsync(Socket connection)
    {
        var buffer = new byte[65536];
        while (await connection.ReceiveAsync(buffer, _end.Token) > 0)
        {
        }
    }

    private async Task PageAsync(Socket connection)
    {
        await ReceiveHeadAsync(connection);
        var page = $"{((IPEndPoint)connection.RemoteEndPoint!).Address}\n";
        await connection.SendAsync(
            Encoding.ASCII.GetBytes($"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {page.Length}\r\n\r\n{page}"), _end.Token);
    }

    /// <summary>Receives a request to its empty line: what is unread when the connection is closed resets it, and the page may be lost.</summary>
    private async Task ReceiveHeadAsync(Socket connection)
    {
        var buffer = new byte[65536];
        for (int have = 0, length; (length = await connection.ReceiveAsync(buffer.AsMemory(have), _end.Token)) > 0;)
        {
            have += length;
            var head = buffer.AsSpan(0, have);
            if (head.IndexOf("\r\n\r\n"u8) >= 0 || head.IndexOf("\n\n"u8) >= 0)
            {
                return;
            }
        }
    }

    private async Task EchoDatagramsAsync(Socket socket)
    {
        var buffer = new byte[65536];
        while (true)
        {
            try
            {
                var received = await socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _end.Token);
                await socket.SendToAsync(buffer.AsMemory(0, received.ReceivedBytes), received.RemoteEndPoint, _end.Token);
            }
            catch (SocketException) when (!_end.IsCancellationRequested)
            {
                // This answer could not be sent; the next one may.
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
