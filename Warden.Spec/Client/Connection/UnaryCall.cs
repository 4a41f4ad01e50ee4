using Warden.Spec.Protocol;

namespace Warden.Spec.Client.Connection;

/// <summary>Reads an answer.</summary>
internal delegate TResponse AnswerParser<TResponse>(ReadOnlySpan<byte> payload);

/// <summary>A call with one answer.</summary>
internal sealed class UnaryCall<TResponse> : TaskCompletionSource<TResponse>, IPendingCall, IDeferredCompletion
{
    private readonly Message.Types.Type _type;
    private readonly AnswerParser<TResponse> _parse;
    private readonly bool _deferred;
    private CancellationTokenRegistration _registration;
    private TResponse? _response;
    private WardenErrorException? _error;

    /// <param name="type">The type of the answer, unless it is an error.</param>
    /// <param name="parse">Reads an answer of that type.</param>
    /// <param name="deferred">
    /// Whether the waiter's continuation runs on the receiving thread once that thread has handed the socket on. It spares the lone
    /// call, whose latency shows, the hop to another thread; pipelined calls complete together and their waiters share the pool.
    /// </param>
    internal UnaryCall(Message.Types.Type type, AnswerParser<TResponse> parse, bool deferred)
        : base(deferred ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously)
    {
        _type = type;
        _parse = parse;
        _deferred = deferred;
    }

    public byte[]? HeldFrame { get; set; }

    public bool IsAbandoned => Task.IsCompleted;

    internal void CancelWith(CancellationToken cancellationToken)
    {
        _registration = cancellationToken.UnsafeRegister(
            static (call, token) => ((UnaryCall<TResponse>)call!).CancelBy(token),
            this);
    }

    // Whoever cancels does not run what waits.
    private void CancelBy(CancellationToken cancellationToken)
    {
        if (_deferred)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static state => state.Call.TrySetCanceled(state.Token),
                (Call: this, Token: cancellationToken),
                preferLocal: false);
        }
        else
        {
            TrySetCanceled(cancellationToken);
        }
    }

    public Acceptance Accept(Message.Types.Type type, ReadOnlySpan<byte> payload)
    {
        if (Task.IsCompleted)
        {
            return Acceptance.Complete;
        }

        if (type == _type)
        {
            _response = _parse(payload);
        }
        else if (type == Message.Types.Type.Error)
        {
            _error = new WardenErrorException(ErrorResponse.Parser.ParseFrom(payload));
        }
        else
        {
            throw new FrameException($"The server answered {_type} with {type}.");
        }

        if (_deferred)
        {
            return Acceptance.Deferred;
        }

        Complete();
        return Acceptance.Complete;
    }

    public void Complete()
    {
        _registration.Unregister();
        if (_error is not null)
        {
            TrySetException(_error);
        }
        else
        {
            TrySetResult(_response!);
        }
    }

    public void Execute() => Complete();

    public void Fail(Exception reason)
    {
        _registration.Unregister();
        if (_deferred)
        {
            // Whoever ends the connection holds its state: a waiter's continuation does not run on that thread.
            ThreadPool.UnsafeQueueUserWorkItem(
                static state => state.Call.TrySetException(state.Reason),
                (Call: this, Reason: reason),
                preferLocal: false);
        }
        else
        {
            TrySetException(reason);
        }
    }
}
