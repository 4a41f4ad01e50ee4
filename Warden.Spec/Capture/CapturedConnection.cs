using System.Net.Sockets;
using System.Threading.Channels;
using Warden.Spec.Client;
using Warden.Spec.Server.Connections;

namespace Warden.Spec.Capture;

/// <summary>
/// One connection through the proxy. Each side sees of the other what it would see without the proxy: its bytes, that it sends no more,
/// and that it has gone.
/// </summary>
/// <param name="client">The client's socket, which the connection closes.</param>
/// <param name="endpoint">The server.</param>
/// <param name="recorder">Writes down what happens.</param>
internal sealed class CapturedConnection(Socket client, WardenEndpoint endpoint, SessionRecorder recorder)
{
    private const int ChunkLength = 64 * 1024;

    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(200);

    private ConnectionRecord _record = null!;
    private Socket _server = null!;
    private int _ends;
    private int _closed;

    /// <summary>Hands bytes on until one side has gone, both have sent everything, or the capture ends. Never fails.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using (client)
        {
            try
            {
                _record = await recorder.OpenAsync().ConfigureAwait(false);
                using (_server = await endpoint.ConnectAsync(stop).ConfigureAwait(false))
                {
                    NoDelay(client);
                    await Task.WhenAll(PumpAsync(Party.Client, client, _server, stop), PumpAsync(Party.Server, _server, client, stop))
                        .ConfigureAwait(false);
                }
            }
            catch (Exception e) when (e is SocketException or WardenException or ArgumentException)
            {
                await TellAsync(at => _record.Refused(at, e.Message)).ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
            {
                // The capture ends, or has nowhere to write to.
            }
        }
    }

    private static void NoDelay(Socket socket)
    {
        if (socket.AddressFamily != AddressFamily.Unix)
        {
            socket.NoDelay = true;
        }
    }

    private static void Shutdown(Socket socket, SocketShutdown how)
    {
        try
        {
            socket.Shutdown(how);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The peer was quicker.
        }
    }

    private async Task PumpAsync(Party party, Socket from, Socket to, CancellationToken stop)
    {
        try
        {
            if (await ForwardAsync(party, from, to, stop).ConfigureAwait(false))
            {
                await EndAsync(party, from, to, stop).ConfigureAwait(false);
                await CloseAsync(party).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            await CloseAsync(party).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            await CloseAsync(Party.Capture).ConfigureAwait(false);
        }
    }

    /// <summary>Hands bytes on until there are no more. False when the other side takes none: its own pump tells when it has gone.</summary>
    private async Task<bool> ForwardAsync(Party party, Socket from, Socket to, CancellationToken stop)
    {
        var buffer = new byte[ChunkLength];
        while (true)
        {
            var length = await from.ReceiveAsync(buffer, SocketFlags.None, stop).ConfigureAwait(false);
            if (length == 0)
            {
                return true;
            }

            // First the transcript's order, then the bytes: an answer must not come before its request.
            await recorder.ReceivedAsync(_record, party, buffer.AsSpan(0, length)).ConfigureAwait(false);
            try
            {
                for (var sent = 0; sent < length;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, length - sent), SocketFlags.None, stop).ConfigureAwait(false);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return false;
            }
        }
    }

    /// <summary>A side sends no more: the other is told, and what it still sends is handed on until the first has gone.</summary>
    private async Task EndAsync(Party party, Socket from, Socket to, CancellationToken stop)
    {
        if (Volatile.Read(ref _closed) != 0 || PeerProbe.IsGone(from))
        {
            return;
        }

        await recorder.AddAsync(at => _record.Ended(at, party)).ConfigureAwait(false);
        Shutdown(to, SocketShutdown.Send);
        if (Interlocked.Increment(ref _ends) == 2)
        {
            return;
        }

        while (Volatile.Read(ref _ends) < 2 && Volatile.Read(ref _closed) == 0 && !PeerProbe.IsGone(from))
        {
            await Task.Delay(ProbeInterval, stop).ConfigureAwait(false);
        }
    }

    private async Task CloseAsync(Party party)
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
        {
            await TellAsync(at => _record.Closed(at, party)).ConfigureAwait(false);
            Shutdown(client, SocketShutdown.Both);
            Shutdown(_server, SocketShutdown.Both);
        }
    }

    private async Task TellAsync(Action<long> write)
    {
        try
        {
            await recorder.AddAsync(write).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            // The transcript has ended before the connection.
        }
    }
}
