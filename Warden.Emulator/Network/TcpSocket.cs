using System.Net;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Network;

/// <summary>
/// One end of a TCP connection. Each end owns what it has received and not read; the other end puts it there. No call holds the locks of
/// both ends.
/// </summary>
internal sealed class TcpSocket : StreamSocket
{
    private const int WindowSize = 256 * 1024;
    private readonly Lock _gate = new();
    private readonly NetworkStack _stack;
    private readonly bool _loopback;
    private readonly FileStatus _status;
    private TcpSocket _peer = null!;
    private TaskCompletionSource? _changed;
    private byte[] _ring = [];
    private int _head;
    private int _count;
    private bool _finReceived;
    private bool _finSent;
    private bool _dead;
    private bool _closed;
    private Errno? _error;

    private TcpSocket(NetworkStack stack, IPEndPoint local, IPEndPoint remote, bool loopback, bool isClient)
    {
        IsClient = isClient;
        _stack = stack;
        LocalEndPoint = local;
        RemoteEndPoint = remote;
        _loopback = loopback;
        _status = stack.NewSocketStatus(0);
    }

    public override IPEndPoint LocalEndPoint { get; }

    public override IPEndPoint RemoteEndPoint { get; }

    public override FileStatus Status => _status;

    public override string Name => $"socket:[{_status.Inode}]";

    /// <summary>Whether this end asked for the connection, and so holds its local port alone.</summary>
    public bool IsClient { get; }

    /// <summary>The state as ss(8) names it.</summary>
    public string State
    {
        get
        {
            lock (_gate)
            {
                return (_finSent, _finReceived) switch
                {
                    (false, false) => "ESTAB",
                    (true, false) => "FIN-WAIT-2",
                    (false, true) => "CLOSE-WAIT",
                    _ => "LAST-ACK",
                };
            }
        }
    }

    public int Unread
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    /// <summary>Makes both ends of a connection; each sees the other as address translation shows it.</summary>
    public static (TcpSocket Client, TcpSocket Server) Connect(
        NetworkStack client, IPEndPoint clientLocal, IPEndPoint clientRemote,
        NetworkStack server, IPEndPoint serverLocal, IPEndPoint serverRemote, bool loopback)
    {
        var near = new TcpSocket(client, clientLocal, clientRemote, loopback, true);
        var far = new TcpSocket(server, serverLocal, serverRemote, loopback, false);
        near._peer = far;
        far._peer = near;
        client.Register(near);
        try
        {
            server.Register(far);
        }
        catch (ErrnoException)
        {
            client.Unregister(near);
            throw;
        }
        return (near, far);
    }

    public override ValueTask<int> ReadAsync(Process process, Memory<byte> buffer) =>
        Blocking.OnAsync(process, ReceiveAsync(buffer, process.Killed));

    public override async ValueTask WriteAsync(Process process, ReadOnlyMemory<byte> data)
    {
        try
        {
            await Blocking.OnAsync(process, SendAsync(data, process.Killed)).ConfigureAwait(false);
        }
        catch (ErrnoException failure) when (failure.Errno == Errno.EPIPE)
        {
            process.Kill(process.Id, Signal.PIPE);
            process.Checkpoint();
            throw;
        }
    }

    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (!buffer.IsEmpty)
        {
            Task wait;
            lock (_gate)
            {
                if (_count > 0)
                {
                    var taken = TakeLocked(buffer.Span);
                    WakeLocked();
                    return taken;
                }
                ThrowErrorLocked();
                if (_finReceived || _dead || _closed)
                {
                    return 0;
                }
                wait = WaitLocked();
            }
            await wait.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        return 0;
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        while (!data.IsEmpty)
        {
            lock (_gate)
            {
                ThrowErrorLocked();
                if (_finSent || _dead || _closed)
                {
                    throw new ErrnoException(Errno.EPIPE);
                }
            }
            var outgoing = _loopback ? null : _stack.Outgoing;
            var incoming = _loopback ? null : _peer._stack.Incoming;
            var step = Math.Min(data.Length, Math.Min(outgoing?.Step ?? WindowSize, incoming?.Step ?? WindowSize));
            if (outgoing is not null)
            {
                await outgoing.PassAsync(step, cancellationToken).ConfigureAwait(false);
            }
            if (incoming is not null)
            {
                await incoming.PassAsync(step, cancellationToken).ConfigureAwait(false);
            }
            if (!await _peer.DeliverAsync(data[..step], cancellationToken).ConfigureAwait(false))
            {
                // The other side is gone: its kernel answers with a reset, which the next call reports.
                TakeReset();
            }
            data = data[step..];
        }
    }

    public override void ShutdownWrite()
    {
        lock (_gate)
        {
            if (_finSent || _dead || _closed)
            {
                return;
            }
            _finSent = true;
        }
        _peer.TakeFin();
    }

    /// <summary>Ends the connection on both sides at once, as when the network it runs through goes away.</summary>
    public void Abort()
    {
        TakeReset();
        _peer.TakeReset();
    }

    /// <summary>close(2): a reset when received data is left unread, else an orderly end.</summary>
    public void Close()
    {
        bool reset;
        bool tell;
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }
            _closed = true;
            reset = _count > 0;
            tell = !_dead && (reset || !_finSent);
            _ring = [];
            _count = 0;
            WakeLocked();
        }
        _stack.Unregister(this);
        if (tell && reset)
        {
            _peer.TakeReset();
        }
        else if (tell)
        {
            _peer.TakeFin();
        }
    }

    protected internal override void OnClosed() => Close();

    private async ValueTask<bool> DeliverAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        while (!data.IsEmpty)
        {
            Task wait;
            lock (_gate)
            {
                if (_closed || _dead)
                {
                    return false;
                }
                var room = Math.Min(WindowSize - _count, data.Length);
                if (room > 0)
                {
                    PutLocked(data.Span[..room]);
                    data = data[room..];
                    WakeLocked();
                    continue;
                }
                wait = WaitLocked();
            }
            await wait.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        return true;
    }

    private void TakeFin()
    {
        lock (_gate)
        {
            _finReceived = true;
            WakeLocked();
        }
    }

    private void TakeReset()
    {
        lock (_gate)
        {
            if (!_dead && !_closed)
            {
                _dead = true;
                // After an orderly end only writing is left to fail, and does so with EPIPE.
                _error = _finReceived ? null : Errno.ECONNRESET;
            }
            WakeLocked();
        }
        _stack.Unregister(this);
    }

    private void ThrowErrorLocked()
    {
        if (_error is { } error)
        {
            _error = null;
            throw new ErrnoException(error);
        }
    }

    private void PutLocked(ReadOnlySpan<byte> data)
    {
        if (_count + data.Length > _ring.Length)
        {
            var larger = new byte[Math.Min(WindowSize, Math.Max(4096, 2 * (_count + data.Length)))];
            var count = _count;
            TakeLocked(larger);
            _ring = larger;
            _head = 0;
            _count = count;
        }
        var tail = (_head + _count) % _ring.Length;
        var first = Math.Min(data.Length, _ring.Length - tail);
        data[..first].CopyTo(_ring.AsSpan(tail));
        data[first..].CopyTo(_ring);
        _count += data.Length;
    }

    private int TakeLocked(Span<byte> target)
    {
        var taken = Math.Min(_count, target.Length);
        var first = Math.Min(taken, _ring.Length - _head);
        _ring.AsSpan(_head, first).CopyTo(target);
        _ring.AsSpan(0, taken - first).CopyTo(target[first..]);
        _count -= taken;
        _head = _count == 0 ? 0 : (_head + taken) % _ring.Length;
        return taken;
    }

    private Task WaitLocked() => (_changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private void WakeLocked()
    {
        _changed?.SetResult();
        _changed = null;
    }
}
