using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Warden.Spec.Commands;
using Warden.Spec.Protocol;

namespace Warden.Spec.Server.Connections;

/// <summary>
/// One client (protocol.md §1): its requests are worked on one at a time, in order, and answered in order. The connection ends when the
/// client has sent everything and was answered, when it is gone, after a frame that cannot be parsed, or by a drain or a crash.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "What it owns ends with it, in RunAsync.")]
internal sealed partial class Connection : IReplySink, IThreadPoolWorkItem
{
    // So many requests in a row, then other connections get the thread.
    private const int Turn = 4096;

    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(5);

    private readonly Socket _socket;
    private readonly ICommandSession _session;
    private readonly ConnectionInput _input;
    private readonly ConnectionOutput _output;
    private readonly ILogger _logger;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _waiting = new();
    private readonly CancellationTokenSource _killed = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private CommandRow? _inWork;
    private bool _parked;
    private bool _draining;

    /// <summary>Begins a connection.</summary>
    /// <param name="id">Its number, for the log.</param>
    /// <param name="socket">The socket, which the connection closes.</param>
    /// <param name="session">The engine's side of it, which the connection disposes.</param>
    /// <param name="frameLimit">The longest payload of a request in bytes.</param>
    /// <param name="clock">The clock that the client lives in too: the system's, also where the containers' is another.</param>
    /// <param name="logger">Takes the log.</param>
    public Connection(long id, Socket socket, ICommandSession session, long frameLimit, TimeProvider clock, ILogger logger)
    {
        Id = id;
        _socket = socket;
        _session = session;
        _clock = clock;
        _logger = logger;
        _input = new ConnectionInput(socket, frameLimit, clock, ClientGone);
        _output = new ConnectionOutput(socket, clock);
    }

    /// <summary>The number of the connection.</summary>
    public long Id { get; }

    /// <summary>Completes when the connection has ended. Never fails.</summary>
    public Task Ended => _ended.Task;

    /// <inheritdoc/>
    public void Execute() => _ = RunAsync();

    /// <inheritdoc/>
    public ValueTask SendAsync(IMessage response, CancellationToken cancellationToken)
    {
        var row = _inWork ?? throw new InvalidOperationException("There is no request in work to answer.");
        return _output.SendAsync(row.Type, response, mayWait: IsQuick(row));
    }

    // Quick ones change nothing and wait for nothing, so their answers may go out together with those of the requests behind them.
    private static bool IsQuick(CommandRow row) => row is { Scope: CommandScope.Server, Snapshot: SnapshotPolicy.None, Reply: ReplyShape.One };

    private async Task RunAsync()
    {
        ServerLog.ConnectionOpened(_logger, Id);
        var receiving = _input.ReceiveAsync();
        try
        {
            await ProcessAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            ServerLog.ConnectionBroke(_logger, e, Id);
        }

        try
        {
            _input.Finish();
            Abort();
            await receiving.ConfigureAwait(false);
            _output.Dispose();
            _session.Dispose();
            _waiting.Dispose();
            _killed.Dispose();
            ServerLog.ConnectionEnded(_logger, Id);
        }
        catch (Exception e)
        {
            ServerLog.ConnectionBroke(_logger, e, Id);
        }

        _ended.SetResult();
    }

    private async Task ProcessAsync()
    {
        try
        {
            await ServeAsync().ConfigureAwait(false);
            await _output.FlushAsync().ConfigureAwait(false);
        }
        catch (FrameException e)
        {
            ServerLog.BadFrame(_logger, Id, e.Message);
            await RefuseAsync(e.Message).ConfigureAwait(false);
        }
        catch (IOException) when (_output.IsBroken)
        {
            ServerLog.ClientGone(_logger, Id);
        }
    }

    private async Task ServeAsync()
    {
        var turn = 0;
        do
        {
            while (_input.Frames.TryRead(out var frame))
            {
                var row = RequestDecoder.Decode(frame, out var request);
                if (_output.HoldsBack && !IsQuick(row))
                {
                    await _output.FlushAsync().ConfigureAwait(false);
                }

                if (!Begin(row) || !await WorkAsync(row, request).ConfigureAwait(false) || !End())
                {
                    return;
                }

                if (++turn % Turn == 0)
                {
                    await Task.Yield();
                }
            }

            await _output.FlushAsync().ConfigureAwait(false);
        }
        while (Park() && await _input.Frames.WaitAsync().ConfigureAwait(false) && Unpark());
    }

    /// <summary>Works on one request. False when the connection must end.</summary>
    private async ValueTask<bool> WorkAsync(CommandRow row, IMessage request)
    {
        try
        {
            var token = row.Drain == DrainPolicy.Close ? _waiting.Token : _killed.Token;
            var work = _session.ExecuteAsync(row, request, this, token);
            if (!work.IsCompleted)
            {
                // From here on only what comes after this request counts as read ahead, and nobody waits for this request's end.
                _input.Frames.Release();
                await FlushBesideAsync().ConfigureAwait(false);
            }

            await work.ConfigureAwait(false);
            return true;
        }
        catch (WardenException e)
        {
            ServerLog.RequestFailed(_logger, e.InnerException, Id, row.Name, e.Message);
            return await AnswerErrorAsync(row, e.Message).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when ((row.Drain == DrainPolicy.Close ? _waiting : _killed).IsCancellationRequested)
        {
            return false;
        }
        catch (IOException) when (_output.IsBroken)
        {
            // What the client sent before it went away is still done; only nobody is told.
            return row.Drain == DrainPolicy.Finish;
        }
        catch (Exception e)
        {
            ServerLog.RequestBroke(_logger, e, Id, row.Name);
            return await AnswerErrorAsync(row, $"{row.Name} failed for a reason of the server's own, which its log tells")
                .ConfigureAwait(false);
        }
    }

    private async ValueTask<bool> AnswerErrorAsync(CommandRow row, string message)
    {
        try
        {
            await _output.SendAsync(Message.Types.Type.Error, new ErrorResponse { Message = message }, mayWait: IsQuick(row))
                .ConfigureAwait(false);
            return true;
        }
        catch (IOException) when (_output.IsBroken)
        {
            return row.Drain == DrainPolicy.Finish;
        }
    }

    /// <summary>Flushes what earlier requests left while one is in work; that it fails shows when the request answers.</summary>
    private async ValueTask FlushBesideAsync()
    {
        try
        {
            await _output.FlushAsync().ConfigureAwait(false);
        }
        catch (IOException) when (_output.IsBroken)
        {
        }
    }

    /// <summary>Says what was wrong with a frame, after the answers to earlier requests, and closes the connection.</summary>
    private async Task RefuseAsync(string message)
    {
        try
        {
            await _output.SendAsync(Message.Types.Type.Error, new ErrorResponse { Message = message }, mayWait: false).ConfigureAwait(false);
            _socket.Shutdown(SocketShutdown.Send);

            // Closing a socket that still receives resets it, and the client may lose the Error: it gets the time to end its sending.
            using var linger = new CancellationTokenSource(LingerTime, _clock);
            if (Park())
            {
                await _input.DiscardAsync(linger.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            ServerLog.ClientGone(_logger, Id);
        }
    }
}
