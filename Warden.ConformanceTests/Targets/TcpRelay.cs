using System.Net;
using System.Net.Sockets;

namespace Warden.ConformanceTests.Targets;

/// <summary>A port of the machine's loopback that leads to one in another network.</summary>
internal sealed class TcpRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;

    /// <param name="connect">Makes a connection to where the port leads.</param>
    public TcpRelay(Func<CancellationToken, Task<Socket>> connect)
    {
        _listener.Start();
        _accepting = AcceptAsync(connect);
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync(Func<CancellationToken, Task<Socket>> connect)
    {
        var connections = new List<Task>();
        while (!_end.IsCancellationRequested)
        {
            try
            {
                connections.Add(RelayAsync(await _listener.AcceptSocketAsync(_end.Token), connect));
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                break;
            }
        }

        await Task.WhenAll(connections);
    }

    private async Task RelayAsync(Socket near, Func<CancellationToken, Task<Socket>> connect)
    {
        using (near)
        {
            try
            {
                using var far = await connect(_end.Token);
                await Task.WhenAll(CopyAsync(near, far), CopyAsync(far, near));
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException)
            {
                // One side has gone; the other is told by the end of its connection.
            }
        }
    }

    /// <summary>Passes on what comes, and its end: that of a connection that was reset as well, which else would be told when the other side ends.</summary>
    private async Task CopyAsync(Socket from, Socket to)
    {
        try
        {
            var buffer = new byte[65536];
            for (int length; (length = await from.ReceiveAsync(buffer, _end.Token)) > 0;)
            {
                for (var sent = 0; sent < length;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, length - sent), _end.Token);
                }
            }
        }
        finally
        {
            to.Shutdown(SocketShutdown.Send);
        }
    }
}
