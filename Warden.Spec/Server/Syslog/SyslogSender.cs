using System.Net.Sockets;
using System.Threading.Channels;

namespace Warden.Spec.Server.Syslog;

/// <summary>
/// Sends datagrams to a Unix datagram socket such as /dev/log, in order, without ever holding up who hands them in: they wait in a
/// queue while the receiver is slow. What exceeds the queue, or finds no receiver, is dropped and counted, as syslog(3) does.
/// The receiver may go away and come back. Safe for concurrent use.
/// </summary>
public sealed class SyslogSender : IAsyncDisposable
{
    /// <summary>The socket that is used when none is configured.</summary>
    public const string DefaultPath = "/dev/log";

    private const int MaxQueuedBytes = 4 * 1024 * 1024;

    private readonly Channel<byte[]> _queue = Channel.CreateUnbounded<byte[]>(new() { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly string _path;
    private Task? _pump;
    private Socket? _socket;
    private bool _disposed;
    private int _queuedBytes;
    private long _dropped;

    /// <summary>Creates a sender; it opens its socket with the first datagram.</summary>
    /// <param name="path">The socket's path.</param>
    public SyslogSender(string path = DefaultPath) => _path = path;

    /// <summary>How many datagrams were dropped so far.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Queues one datagram. Never blocks and never fails. The array must not be changed afterwards.</summary>
    public void Send(byte[] datagram)
    {
        if (Interlocked.Add(ref _queuedBytes, datagram.Length) > MaxQueuedBytes || !_queue.Writer.TryWrite(datagram))
        {
            Drop(datagram);
            return;
        }

        if (_pump is null)
        {
            lock (_lock)
            {
                _pump ??= _disposed ? Task.CompletedTask : Task.Run(PumpAsync);
            }
        }
    }

    /// <summary>Sends what is queued as far as the receiver takes it within a second, and closes the socket.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        Task? pump;
        lock (_lock)
        {
            _disposed = true;
            pump = _pump;
        }

        if (pump is not null)
        {
            _stop.CancelAfter(TimeSpan.FromSeconds(1));
            await pump.ConfigureAwait(false);
        }

        _stop.Dispose();
    }

    private async Task PumpAsync()
    {
        try
        {
            await foreach (var datagram in _queue.Reader.ReadAllAsync(_stop.Token).ConfigureAwait(false))
            {
                await SendOneAsync(datagram).ConfigureAwait(false);
                Interlocked.Add(ref _queuedBytes, -datagram.Length);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed while the receiver takes nothing: what is left is lost.
            while (_queue.Reader.TryRead(out var datagram))
            {
                Drop(datagram);
            }
        }
        finally
        {
            _socket?.Dispose();
        }
    }

    private async ValueTask SendOneAsync(byte[] datagram)
    {
        // A receiver that was restarted refuses the old connection; the second try finds the new one.
        for (var attempt = 0; attempt < 2; attempt++)
        {
            try
            {
                _socket ??= Connect();
                await _socket.SendAsync(datagram, SocketFlags.None, _stop.Token).ConfigureAwait(false);
                return;
            }
            catch (Exception e) when (e is SocketException or PlatformNotSupportedException or ArgumentException)
            {
                _socket?.Dispose();
                _socket = null;
            }
        }

        Interlocked.Increment(ref _dropped);
    }

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(_path));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void Drop(byte[] datagram)
    {
        Interlocked.Add(ref _queuedBytes, -datagram.Length);
        Interlocked.Increment(ref _dropped);
    }
}
