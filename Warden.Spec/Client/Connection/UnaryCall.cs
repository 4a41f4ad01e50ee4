using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Client.Connection;

/// <summary>A call with one answer.</summary>
internal sealed class UnaryCall<TRequest, TResponse> : TaskCompletionSource<TResponse>, IPendingCall, IDeferredCompletion
    where TRequest : IMessage<TRequest>, new()
    where TResponse : IMessage<TResponse>, new()
{
    private readonly bool _deferred;
    private CancellationTokenRegistration _registration;
    private TResponse? _response;
    private WardenErrorException? _error;

    /// <param name="deferred">
    /// Whether the waiter's continuation runs on the receiving thread once that thread has handed the socket on. It spares the lone
    /// call, whose latency shows, the hop to another thread; pipelined calls complete together and their waiters share the pool.
    /// </param>
    internal UnaryCall(bool deferred)
        : base(deferred ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously)
    {
        _deferred = deferred;
    }

    public byte[]? HeldFrame { get; set; }

    public bool IsAbandoned => Task.IsCompleted;

    internal void CancelWith(CancellationToken cancellationToken)
    {
        _registration = cancellationToken.UnsafeRegister(
            static (call, token) => ((UnaryCall<TRequest, TResponse>)call!).TrySetCanceled(token),
            this);
    }

    public Acceptance Accept(Message.Types.Type type, ReadOnlySpan<byte> payload)
    {
        if (Task.IsCompleted)
        {
            return Acceptance.Complete;
        }

        if (type == CallShape<TRequest, TResponse>.Type)
        {
            _response = CallShape<TRequest, TResponse>.Parser.ParseFrom(payload);
            if (CallShape<TRequest, TResponse>.HasRequiredFields && !_response.IsInitialized())
            {
                throw new FrameException($"The answer to {type} lacks a required field.");
            }
        }
        else if (type == Message.Types.Type.Error)
        {
            _error = new WardenErrorException(ErrorResponse.Parser.ParseFrom(payload));
        }
        else
        {
            throw new FrameException($"The server answered {CallShape<TRequest, TResponse>.Type} with {type}.");
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
