using System.Collections.Concurrent;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Warden.Spec.Commands;

namespace Warden.Spec.Server.Connections;

/// <summary>Accepts connections, keeps them and ends them together.</summary>
/// <param name="engine">Takes part in every connection.</param>
/// <param name="frameLimit">The longest payload of a request in bytes.</param>
/// <param name="clock">The clock that clients live in: the system's.</param>
/// <param name="logger">Takes the log.</param>
internal sealed class ConnectionDispatcher(ICommandEngine engine, long frameLimit, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan AcceptRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan StallCheck = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<long, Connection> _connections = new();
    private readonly Lock _lock = new();
    private bool _closed;
    private long _lastId;

    /// <summary>How many connections are open.</summary>
    public int Count => _connections.Count;

    /// <summary>Accepts connections until the listener is closed.</summary>
    public async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            try
            {
                Add(await listener.AcceptAsync().ConfigureAwait(false));
            }
            catch (Exception e) when (e is ObjectDisposedException || IsClosed)
            {
                return;
            }
            catch (Exception e)
            {
                // Too many open files, or a client that was gone before it was accepted.
                ServerLog.AcceptFailed(logger, e);
                await Task.Delay(AcceptRetry, clock).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Takes no connection any more. The listeners are closed by their owner.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
        }
    }

    /// <summary>Ends every connection as a drain does; completes when all have ended.</summary>
    public async Task DrainAsync()
    {
        Close();
        foreach (var connection in _connections.Values)
        {
            connection.Drain();
        }

        var open = _connections.Values.ToArray();
        var ended = Task.WhenAll(open.Select(connection => connection.Ended));
        using var timer = new PeriodicTimer(StallCheck, clock);
        while (await Task.WhenAny(ended, timer.WaitForNextTickAsync().AsTask()).ConfigureAwait(false) != ended)
        {
            foreach (var connection in open)
            {
                connection.CutIfStalled();
            }
        }
    }

    /// <summary>Lets no connection answer any more.</summary>
    public void Mute()
    {
        Close();
        foreach (var connection in _connections.Values)
        {
            connection.Mute();
        }
    }

    /// <summary>Closes every connection at once.</summary>
    public void Crash()
    {
        Close();
        foreach (var connection in _connections.Values)
        {
            connection.Crash();
        }
    }

    private bool IsClosed
    {
        get
        {
            lock (_lock)
            {
                return _closed;
            }
        }
    }

    private void Add(Socket socket)
    {
        try
        {
            if (socket.AddressFamily != AddressFamily.Unix)
            {
                // An answer goes out at once; a client that vanished without a word is found out.
                socket.NoDelay = true;
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
                socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 15);
                socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
                socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 4);
            }

            lock (_lock)
            {
                if (_closed)
                {
                    socket.Dispose();
                    return;
                }

                var id = ++_lastId;
                var connection = new Connection(id, socket, engine.OpenSession(), frameLimit, clock, logger);
                _connections[id] = connection;
                connection.Ended.ContinueWith(
                    (_, _) => _connections.TryRemove(id, out Connection? _), null, CancellationToken.None,
                    TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
                ThreadPool.UnsafeQueueUserWorkItem(connection, preferLocal: false);
            }
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
