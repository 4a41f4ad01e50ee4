using System.Net.Sockets;
using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Client.Connection;

/// <summary>
/// One connection: it sends requests in the order in which they were made and gives each answer to the oldest call without one.
/// Calls may be made before it is open; it ends once, with one reason, from which every call that is not answered fails.
/// </summary>
internal sealed partial class ClientConnection : IDisposable
{
    private readonly WardenEndpoint _endpoint;
    private readonly Lock _gate = new();
    private readonly Queue<IPendingCall> _calls = new();
    private readonly CancellationTokenSource _connecting = new();
    private Socket? _socket;
    private Exception? _ended;
    private bool _isOpen;

    internal ClientConnection(WardenEndpoint endpoint)
    {
        _endpoint = endpoint;
        _receiving = new Operation(this, static connection => connection.OnReceived());
        _sending = new Operation(this, static connection => connection.OnSent());
    }

    /// <summary>Told when the connection has opened, before the first answer.</summary>
    internal Action? Opened { get; init; }

    /// <summary>
    /// Told when the connection has ended, after its calls have failed; never before <see cref="Opened"/>, and not at all when it
    /// did not open. The reason is null when this side closed it.
    /// </summary>
    internal Action<Exception?>? Ended { get; init; }

    /// <summary>Whether the connection is opening or open.</summary>
    internal bool IsUsable => Volatile.Read(ref _ended) is null;

    /// <summary>Whether the connection is open.</summary>
    internal bool IsOpen => _isOpen && IsUsable;

    /// <summary>Completes when the connection is open; fails when it does not open.</summary>
    internal Task Opening { get; private set; } = Task.CompletedTask;

    /// <summary>Begins to open the connection. A failure ends it.</summary>
    internal void Open(TimeSpan timeout, TimeProvider timeProvider)
    {
        // On a thread of the pool: connecting to a Unix socket does not wait, and the caller may hold a lock.
        Opening = Task.Run(() => OpenAsync(timeout, timeProvider));
        // Whoever does not ask for it learns the same reason from the calls.
        _ = Opening.ContinueWith(
            static opening => _ = opening.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private async Task OpenAsync(TimeSpan timeout, TimeProvider timeProvider)
    {
        if (!Begin(await ConnectAsync(timeout, timeProvider).ConfigureAwait(false)))
        {
            throw _ended!;
        }

        try
        {
            Opened?.Invoke();
        }
        finally
        {
            Flush();
            Receive();
        }
    }

    private async Task<Socket> ConnectAsync(TimeSpan timeout, TimeProvider timeProvider)
    {
        using CancellationTokenSource limit = new(timeout, timeProvider);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _connecting.Token);
        try
        {
            return await _endpoint.ConnectAsync(either.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ArgumentException)
        {
            string why = limit.IsCancellationRequested ? $"no answer within {timeout.TotalSeconds} s" : Explain(error);
            End(new WardenConnectionException($"Cannot connect to {_endpoint}: {why}", error));
            throw _ended!;
        }
    }

    /// <summary>The runtime reports a Unix socket that is not there as an address that cannot be assigned; a user looks for a file.</summary>
    private string Explain(Exception error) =>
        error is SocketException { SocketErrorCode: SocketError.AddressNotAvailable } && _endpoint.SocketPath is not null
            ? "there is no such socket"
            : error.Message;

    /// <summary>Sends a request and registers the call that waits for its answer.</summary>
    internal void Send(Message.Types.Type type, IMessage request, IPendingCall call)
    {
        bool alone;
        lock (_gate)
        {
            if (_ended is { } reason)
            {
                call.Fail(reason);
                return;
            }

            if (!_isOpen)
            {
                OutputBuffer frame = new();
                frame.Append(type, request);
                call.HeldFrame = frame.Bytes.AsSpan(0, frame.Count).ToArray();
                _calls.Enqueue(call);
                return;
            }

            _output.Append(type, request);
            alone = _calls.Count == 0;
            _calls.Enqueue(call);
            if (_isFlushing)
            {
                return;
            }

            _isFlushing = true;
        }

        // A call that is alone goes out at once. When others are under way its caller is likely to make more: the pool's thread
        // then finds several frames and sends them with one system call.
        if (alone)
        {
            Flush();
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(_flusher ??= new Flusher(this), preferLocal: false);
        }
    }

    /// <summary>Whether no call waits for an answer; a guess by the time the caller reads it.</summary>
    internal bool IsIdle => _calls.Count == 0;

    /// <summary>Closes the connection; what is not answered fails.</summary>
    public void Dispose() => End(null);

    private bool Begin(Socket socket)
    {
        lock (_gate)
        {
            if (_ended is not null)
            {
                socket.Dispose();
                return false;
            }

            // A call that was given up while nothing had been sent is not made at all.
            int held = _calls.Count;
            for (int i = 0; i < held; i++)
            {
                IPendingCall call = _calls.Dequeue();
                if (!call.IsAbandoned)
                {
                    _output.Append(call.HeldFrame);
                    call.HeldFrame = null;
                    _calls.Enqueue(call);
                }
            }

            _socket = socket;
            _isOpen = true;
            _isFlushing = true;
            return true;
        }
    }

    private void End(Exception? reason)
    {
        IPendingCall[] unanswered;
        Exception failure = reason ?? new WardenConnectionException($"The connection to {_endpoint} was closed.");
        bool wasOpen;
        lock (_gate)
        {
            if (_ended is not null)
            {
                return;
            }

            Volatile.Write(ref _ended, failure);
            wasOpen = _isOpen;
            unanswered = [.. _calls];
            _calls.Clear();
        }

        _connecting.Cancel();
        _socket?.Dispose();
        _current?.Fail(failure);
        foreach (IPendingCall call in unanswered)
        {
            call.Fail(failure);
        }

        _receiving.Dispose();
        _sending.Dispose();
        if (wasOpen)
        {
            Ended?.Invoke(reason);
        }
    }

    /// <summary>An operation of the socket, made once and used for every send or receive.</summary>
    private sealed class Operation(ClientConnection connection, Action<ClientConnection> completed)
        : SocketAsyncEventArgs(true)
    {
        protected override void OnCompleted(SocketAsyncEventArgs e) => completed(connection);
    }
}
