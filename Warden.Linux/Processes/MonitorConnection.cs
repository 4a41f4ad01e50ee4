using System.Net.Sockets;

namespace Warden.Linux.Processes;

/// <summary>The monitor has ended, or its connection has.</summary>
internal sealed class MonitorGoneException(Exception? cause = null) : IOException("The container's monitor has ended", cause);

/// <summary>
/// Requests to a monitor, any number at a time, and its events. What comes is taken by one loop, in order; an answer wakes who waits for it
/// on another thread.
/// </summary>
internal sealed class MonitorConnection : IDisposable
{
    private readonly Lock _lock = new();
    private readonly MessageSocket _socket;
    private Dictionary<uint, TaskCompletionSource<MonitorMessage>>? _pending = [];
    private uint _lastTag;

    public MonitorConnection(MessageSocket socket) => _socket = socket;

    /// <summary>
    /// Takes messages until the connection ends; what waits for an answer then fails with <see cref="MonitorGoneException"/>.
    /// </summary>
    /// <param name="onEvent">Takes an event; must not block.</param>
    public async Task RunAsync(Action<MonitorMessage> onEvent)
    {
        Exception? cause = null;
        try
        {
            while (await _socket.ReceiveAsync(CancellationToken.None).ConfigureAwait(false) is { } message)
            {
                if (message.Tag == 0)
                {
                    onEvent(message);
                }
                else
                {
                    Answer(message);
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidDataException)
        {
            cause = e;
        }

        Dictionary<uint, TaskCompletionSource<MonitorMessage>>? pending;
        lock (_lock)
        {
            (pending, _pending) = (_pending, null);
        }

        _socket.Dispose();
        foreach (var call in pending!.Values)
        {
            call.TrySetException(new MonitorGoneException(cause));
        }
    }

    /// <summary>Sends a request and waits for its answer.</summary>
    /// <exception cref="MonitorGoneException">The connection has ended.</exception>
    public async Task<MonitorMessage> CallAsync(MessageType type, ReadOnlyMemory<byte> body, ReadOnlyMemory<byte> tail = default)
    {
        var call = new TaskCompletionSource<MonitorMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        uint tag;
        lock (_lock)
        {
            if (_pending is null)
            {
                throw new MonitorGoneException();
            }

            // 0 is no request's tag; one that is still waited for after four billion others is passed over.
            do
            {
                tag = ++_lastTag;
            }
            while (tag == 0 || !_pending.TryAdd(tag, call));
        }

        try
        {
            await _socket.SendAsync(type, tag, body, tail).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            lock (_lock)
            {
                _pending?.Remove(tag);
            }

            // The reader may still find answers that came before the end; this one has none.
            call.TrySetException(new MonitorGoneException(e));
        }

        return await call.Task.ConfigureAwait(false);
    }

    /// <summary>Ends the connection; <see cref="RunAsync"/> comes to its end.</summary>
    public void Shutdown() => _socket.Shutdown();

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Shutdown();
        _socket.Dispose();
    }

    private void Answer(MonitorMessage message)
    {
        TaskCompletionSource<MonitorMessage>? call;
        lock (_lock)
        {
            _pending!.Remove(message.Tag, out call);
        }

        call?.TrySetResult(message);
    }
}
