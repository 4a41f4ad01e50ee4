using System.Runtime.CompilerServices;
using Google.Protobuf;
using Warden.Spec.Client.Connection;
using Warden.Spec.Commands;
using Warden.Spec.Protocol;

namespace Warden.Spec.Client;

/// <summary>
/// A client of a Warden server. It holds one connection, which opens with the first call. Calls may be made from any thread and
/// without waiting for earlier ones: the server processes a connection's requests in order and answers in order. Use several clients
/// where a call must not wait for another, such as a <see cref="DestroyAsync(string, CancellationToken)"/> while a
/// <see cref="LinkAsync(string, uint, CancellationToken)"/> waits for its job.
/// </summary>
/// <remarks>
/// Every call fails with <see cref="WardenErrorException"/> when the server answers with an error, and with
/// <see cref="WardenConnectionException"/> when there is no connection or it ends before the answer. Cancelling a call stops the waiting,
/// not the work: a request that was sent is carried out, and its answer is dropped when it comes.
/// <para>
/// While a connection is open the containers that it knows are referenced, and their grace time does not run (protocol.md §3).
/// </para>
/// </remarks>
public sealed partial class WardenClient : IAsyncDisposable, IDisposable
{
    private readonly Lock _gate = new();
    private ClientConnection? _connection;
    private bool _connectedOnce;
    private volatile bool _disposed;

    /// <summary>Creates a client; it connects with its first call.</summary>
    /// <param name="endpoint">Where the server listens.</param>
    /// <param name="options">How the client behaves; null means the defaults.</param>
    public WardenClient(WardenEndpoint endpoint, WardenClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        Endpoint = endpoint;
        Options = options ?? new WardenClientOptions();
    }

    /// <summary>Creates a client; it connects with its first call.</summary>
    /// <param name="endpoint">The path of a Unix socket, or HOST:PORT; see <see cref="WardenEndpoint.Parse"/>.</param>
    /// <param name="options">How the client behaves; null means the defaults.</param>
    /// <exception cref="FormatException">The endpoint cannot be read.</exception>
    public WardenClient(string endpoint, WardenClientOptions? options = null)
        : this(WardenEndpoint.Parse(endpoint), options)
    {
    }

    /// <summary>A connection has opened. Raised before its first answer, on a thread of the pool.</summary>
    public event EventHandler? Connected;

    /// <summary>A connection that was open has ended; its calls have failed by then. Raised on the thread that noticed.</summary>
    public event EventHandler<WardenDisconnectedEventArgs>? Disconnected;

    /// <summary>Where the server listens.</summary>
    public WardenEndpoint Endpoint { get; }

    /// <summary>How the client behaves.</summary>
    public WardenClientOptions Options { get; }

    /// <summary>Whether the connection is open, as far as is known without a call.</summary>
    public bool IsConnected => _connection is { IsOpen: true };

    /// <summary>Creates a client and connects it.</summary>
    /// <param name="endpoint">The path of a Unix socket, or HOST:PORT; see <see cref="WardenEndpoint.Parse"/>.</param>
    /// <param name="options">How the client behaves; null means the defaults.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="WardenConnectionException">Nobody listens there.</exception>
    /// <exception cref="FormatException">The endpoint cannot be read.</exception>
    public static async Task<WardenClient> ConnectAsync(
        string endpoint,
        WardenClientOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        WardenClient client = new(endpoint, options);
        try
        {
            await client.ConnectAsync(cancellationToken).ConfigureAwait(false);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Opens the connection, unless it is open. Calls do it themselves; this tells early whether somebody listens.</summary>
    /// <exception cref="WardenConnectionException">Nobody listens there.</exception>
    public Task ConnectAsync(CancellationToken cancellationToken = default) =>
        CurrentConnection().Opening.WaitAsync(cancellationToken);

    /// <summary>Makes any call.</summary>
    /// <typeparam name="TRequest">A command's request, such as <see cref="CreateRequest"/>.</typeparam>
    /// <typeparam name="TResponse">The same command's response, such as <see cref="CreateResponse"/>.</typeparam>
    /// <param name="request">The request. It may be changed again as soon as this method has returned.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="ArgumentException">The two types are not those of one command, or it is answered by a stream.</exception>
    /// <exception cref="WardenErrorException">The server answered with an error.</exception>
    /// <exception cref="WardenConnectionException">There is no connection, or it ended before the answer.</exception>
    public Task<TResponse> CallAsync<TRequest, TResponse>(TRequest request, CancellationToken cancellationToken = default)
        where TRequest : IMessage<TRequest>, new()
        where TResponse : IMessage<TResponse>, new()
    {
        ArgumentNullException.ThrowIfNull(request);
        CallShape<TRequest, TResponse>.Verify();
        if (CallShape<TRequest, TResponse>.Type == Message.Types.Type.Stream)
        {
            throw new ArgumentException($"A stream has many answers; {nameof(StreamAsync)} makes it.");
        }

        return CallAsync(CallShape<TRequest, TResponse>.Type, request, CallShape<TRequest, TResponse>.Parse, cancellationToken);
    }

    /// <summary>Makes the call of a row of the catalogue, for callers that know commands by name only.</summary>
    internal Task<IMessage> CallAsync(CommandRow row, IMessage request, CancellationToken cancellationToken) =>
        CallAsync(row.Type, request, payload => CallShape.Whole(row.ResponseParser.ParseFrom(payload)), cancellationToken);

    private Task<TResponse> CallAsync<TResponse>(
        Message.Types.Type type,
        IMessage request,
        AnswerParser<TResponse> parse,
        CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<TResponse>(cancellationToken);
        }

        ClientConnection connection = CurrentConnection();
        UnaryCall<TResponse> call = new(type, parse, deferred: connection.IsIdle);
        if (cancellationToken.CanBeCanceled)
        {
            call.CancelWith(cancellationToken);
        }

        connection.Send(type, request, call);
        return call.Task;
    }

    /// <summary>
    /// Replays what a job has printed and follows it to its end: answers with name and data, then one with exit_status and info. The
    /// job is gone after the last one. Leaving early leaves the job and its output in place. Nothing is sent before the first answer is asked for.
    /// </summary>
    /// <param name="request">The container and the job.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <exception cref="WardenErrorException">The server answered with an error.</exception>
    /// <exception cref="WardenConnectionException">There is no connection, or it ended before the last answer.</exception>
    public async IAsyncEnumerable<StreamResponse> StreamAsync(
        StreamRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_disposed, this);
        ClientConnection connection = Options.DedicatedStreams ? OpenConnection(isMain: false) : CurrentConnection();
        StreamCall call = new(connection, Options.StreamBufferSize);
        try
        {
            connection.Send(Message.Types.Type.Stream, request, call);
            while (await call.WaitAsync(cancellationToken).ConfigureAwait(false))
            {
                while (call.TryRead(out StreamResponse? answer))
                {
                    yield return answer;
                }
            }
        }
        finally
        {
            call.Abandon();
            if (Options.DedicatedStreams)
            {
                connection.Dispose();
            }
        }
    }

    /// <summary>Closes the connection. Calls that wait fail with <see cref="WardenConnectionException"/>.</summary>
    public void Dispose()
    {
        ClientConnection? connection;
        lock (_gate)
        {
            _disposed = true;
            connection = _connection;
        }

        connection?.Dispose();
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private ClientConnection CurrentConnection()
    {
        ClientConnection? connection = _connection;
        return connection is { IsUsable: true } && !_disposed ? connection : ReplaceConnection();
    }

    private ClientConnection ReplaceConnection()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_connection is { IsUsable: true } || (_connection is not null && _connectedOnce && !Options.AutoReconnect))
            {
                return _connection;
            }

            return _connection = OpenConnection(isMain: true);
        }
    }

    private ClientConnection OpenConnection(bool isMain)
    {
        ClientConnection connection = isMain
            ? new ClientConnection(Endpoint) { Opened = OnOpened, Ended = OnEnded }
            : new ClientConnection(Endpoint);
        connection.Open(Options.ConnectTimeout, Options.TimeProvider);
        return connection;
    }

    private void OnOpened()
    {
        _connectedOnce = true;
        Connected?.Invoke(this, EventArgs.Empty);
    }

    private void OnEnded(Exception? reason) => Disconnected?.Invoke(this, new WardenDisconnectedEventArgs(reason));
}
