using System.Net;
using System.Net.Sockets;
using Warden.Spec.Server.Connections;

namespace Warden.Spec.Server;

/// <summary>
/// Answers every request on a TCP port of the loopback address with <c>HTTP/1.1 200 OK</c>, no body, and closes (protocol.md §6).
/// </summary>
internal sealed class HealthCheckServer : IAsyncDisposable
{
    private const int LongestRequest = 16 * 1024;

    private static readonly TimeSpan LongestVisit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AcceptRetry = TimeSpan.FromMilliseconds(100);

    private readonly Socket _listener;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    /// <summary>Starts to listen.</summary>
    /// <exception cref="WardenException">The port is taken.</exception>
    public HealthCheckServer(int port, TimeProvider clock)
    {
        _clock = clock;
        _listener = TcpListening.Listen(new IPEndPoint(IPAddress.Loopback, port));
        EndPoint = (IPEndPoint)_listener.LocalEndPoint!;
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Stops.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _ = AnswerAsync(await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false));
            }
            catch (Exception) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException)
            {
                // Too many open files, or a client that was gone before it was accepted.
                await Task.Delay(AcceptRetry, _clock, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private async Task AnswerAsync(Socket socket)
    {
        try
        {
            using var visitor = socket;
            using var timeout = new CancellationTokenSource(LongestVisit, _clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stop.Token);
            if (await ReadRequestAsync(socket, either.Token).ConfigureAwait(false))
            {
                await socket.SendAsync(
                    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(),
                    SocketFlags.None, either.Token).ConfigureAwait(false);
                socket.Shutdown(SocketShutdown.Send);
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The visitor left, or takes too long.
        }
    }

    private static async ValueTask<bool> ReadRequestAsync(Socket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[LongestRequest];
        var length = 0;
        while (length < buffer.Length)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(length), SocketFlags.None, cancellationToken).ConfigureAwait(false);
            length += received;
            var request = buffer.AsSpan(0, length);
            if (request.EndsWith("\r\n\r\n"u8) || request.EndsWith("\n\n"u8))
            {
                return true;
            }

            if (received == 0)
            {
                return length > 0;
            }
        }

        return true;
    }
}
