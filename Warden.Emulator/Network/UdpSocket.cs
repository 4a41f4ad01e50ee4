using System.Net;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Network;

/// <summary>A bound UDP socket. An ICMP error that a datagram caused is reported by the next call, as a connected socket of Linux does.</summary>
internal sealed class UdpSocket : DatagramSocket
{
    private const int QueueBytes = 212992;
    private const int LargestDatagram = 65507;
    private readonly Lock _gate = new();
    private readonly Queue<(byte[] Data, IPEndPoint From)> _received = new();
    private readonly HashSet<IPEndPoint> _asked = [];
    private readonly FileStatus _status;
    private TaskCompletionSource? _changed;
    private Errno? _error;
    private int _bytes;
    private bool _closed;

    public UdpSocket(NetworkStack stack, IPEndPoint local, uint userId)
    {
        Stack = stack;
        LocalEndPoint = local;
        _status = stack.NewSocketStatus(userId);
    }

    public NetworkStack Stack { get; }

    public override IPEndPoint LocalEndPoint { get; }

    public override FileStatus Status => _status;

    public override string Name => $"socket:[{_status.Inode}]";

    public int Unread
    {
        get
        {
            lock (_gate)
            {
                return _bytes;
            }
        }
    }

    /// <summary>Whether a datagram from there is a reply to one that was sent there.</summary>
    public bool Expects(IPEndPoint remote)
    {
        lock (_gate)
        {
            return _asked.Contains(remote);
        }
    }

    public override ValueTask SendAsync(Process process, ReadOnlyMemory<byte> data, IPEndPoint remote) =>
        Blocking.OnAsync(process, SendAsync(data, remote, process.Killed));

    public async ValueTask SendAsync(ReadOnlyMemory<byte> data, IPEndPoint remote, CancellationToken cancellationToken)
    {
        if (data.Length > LargestDatagram)
        {
            throw new ErrnoException(Errno.EMSGSIZE);
        }
        lock (_gate)
        {
            if (_closed)
            {
                throw new ErrnoException(Errno.EBADF);
            }
            ThrowErrorLocked();
            _asked.Add(remote);
        }
        await Stack.Network.SendDatagramAsync(this, data, remote, cancellationToken).ConfigureAwait(false);
    }

    public override async ValueTask<(byte[] Data, IPEndPoint From)> ReceiveAsync(Process process, TimeSpan? timeout = null)
    {
        if (timeout is not { } limit)
        {
            return await Blocking.OnAsync(process, ReceiveAsync(process.Killed)).ConfigureAwait(false);
        }
        using var late = new CancellationTokenSource(limit, Stack.Network.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(process.Killed, late.Token);
        try
        {
            return await Blocking.OnAsync(process, ReceiveAsync(either.Token)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !process.Killed.IsCancellationRequested)
        {
            throw new ErrnoException(Errno.ETIMEDOUT);
        }
    }

    public async ValueTask<(byte[] Data, IPEndPoint From)> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task wait;
            lock (_gate)
            {
                ThrowErrorLocked();
                if (_received.TryDequeue(out var datagram))
                {
                    _bytes -= datagram.Data.Length;
                    return datagram;
                }
                if (_closed)
                {
                    throw new ErrnoException(Errno.EBADF);
                }
                wait = (_changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
            await wait.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes a datagram in, or drops it where the queue is full.</summary>
    public void Deliver(byte[] data, IPEndPoint from)
    {
        lock (_gate)
        {
            if (!_closed && _bytes + data.Length <= QueueBytes)
            {
                _received.Enqueue((data, from));
                _bytes += data.Length;
                WakeLocked();
            }
        }
    }

    /// <summary>An ICMP error came for a datagram of this socket.</summary>
    public void Refuse(Errno error)
    {
        lock (_gate)
        {
            _error = error;
            WakeLocked();
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }
            _closed = true;
            WakeLocked();
        }
        Stack.Unregister(this);
    }

    protected internal override void OnClosed() => Close();

    private void ThrowErrorLocked()
    {
        if (_error is { } error)
        {
            _error = null;
            throw new ErrnoException(error);
        }
    }

    private void WakeLocked()
    {
        _changed?.SetResult();
        _changed = null;
    }
}
