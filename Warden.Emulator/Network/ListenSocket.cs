using System.Net;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Network;

/// <summary>A listening socket and the connections that wait to be accepted.</summary>
internal sealed class ListenSocket : Listener
{
    private readonly Lock _gate = new();
    private readonly NetworkStack _stack;
    private readonly Queue<TcpSocket> _waiting = new();
    private readonly FileStatus _status;
    private TaskCompletionSource? _changed;
    private bool _closed;

    public ListenSocket(NetworkStack stack, IPEndPoint local, int backlog, uint userId)
    {
        _stack = stack;
        LocalEndPoint = local;
        Backlog = backlog;
        _status = stack.NewSocketStatus(userId);
    }

    public override IPEndPoint LocalEndPoint { get; }

    public int Backlog { get; }

    public override FileStatus Status => _status;

    public override string Name => $"socket:[{_status.Inode}]";

    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    public override async ValueTask<StreamSocket> AcceptAsync(Process process) =>
        await Blocking.OnAsync(process, AcceptAsync(process.Killed)).ConfigureAwait(false);

    public async ValueTask<TcpSocket> AcceptAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task wait;
            lock (_gate)
            {
                if (_waiting.TryDequeue(out var socket))
                {
                    WakeLocked();
                    return socket;
                }
                if (_closed)
                {
                    throw new ErrnoException(Errno.EINVAL);
                }
                wait = WaitLocked();
            }
            await wait.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Puts a new connection into the queue, made by <paramref name="connect"/> once there is room. Linux takes one more than the backlog, and
    /// leaves a caller who finds the queue full without an answer until there is room.
    /// </summary>
    /// <exception cref="ErrnoException">ECONNREFUSED when the socket was closed meanwhile.</exception>
    public async ValueTask<TcpSocket> EnqueueAsync(Func<(TcpSocket Client, TcpSocket Server)> connect, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task wait;
            lock (_gate)
            {
                if (_closed)
                {
                    throw new ErrnoException(Errno.ECONNREFUSED);
                }
                if (_waiting.Count <= Backlog)
                {
                    var (client, server) = connect();
                    _waiting.Enqueue(server);
                    WakeLocked();
                    return client;
                }
                wait = WaitLocked();
            }
            await wait.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public void Close()
    {
        TcpSocket[] left;
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }
            _closed = true;
            left = [.. _waiting];
            _waiting.Clear();
            WakeLocked();
        }
        _stack.Unregister(this);
        foreach (var socket in left)
        {
            socket.Abort();
        }
    }

    protected internal override void OnClosed() => Close();

    private Task WaitLocked() => (_changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private void WakeLocked()
    {
        _changed?.SetResult();
        _changed = null;
    }
}
