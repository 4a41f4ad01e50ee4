using System.Threading.Channels;
using Warden.Spec.Protocol;

namespace Warden.Spec.Client.Connection;

/// <summary>A call with many answers, the last of which carries an exit status.</summary>
internal sealed class StreamCall : IPendingCall
{
    private readonly Channel<StreamResponse> _answers = Channel.CreateUnbounded<StreamResponse>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private readonly ClientConnection _connection;
    private readonly int _capacity;
    private readonly Lock _gate = new();
    private int _held;
    private bool _paused;
    private volatile bool _abandoned;

    /// <param name="connection">The connection to ask for more.</param>
    /// <param name="capacity">How many bytes of output are held before the connection stops reading.</param>
    internal StreamCall(ClientConnection connection, int capacity)
    {
        _connection = connection;
        _capacity = capacity;
    }

    public byte[]? HeldFrame { get; set; }

    public bool IsAbandoned => _abandoned;

    public Acceptance Accept(Message.Types.Type type, ReadOnlySpan<byte> payload)
    {
        if (type == Message.Types.Type.Error)
        {
            _answers.Writer.TryComplete(new WardenErrorException(ErrorResponse.Parser.ParseFrom(payload)));
            return Acceptance.Complete;
        }

        if (type != Message.Types.Type.Stream)
        {
            throw new FrameException($"The server answered {Message.Types.Type.Stream} with {type}.");
        }

        StreamResponse answer = StreamResponse.Parser.ParseFrom(payload);
        bool last = answer.HasExitStatus;
        bool full = false;
        lock (_gate)
        {
            if (!_abandoned)
            {
                _held += SizeOf(answer);
                full = _paused = !last && _held >= _capacity;
                _answers.Writer.TryWrite(answer);
            }
        }

        if (last)
        {
            _answers.Writer.TryComplete();
            return Acceptance.Complete;
        }

        return full ? Acceptance.Pause : Acceptance.More;
    }

    public void Fail(Exception reason) => _answers.Writer.TryComplete(reason);

    /// <summary>Whether there is another answer; waits for it.</summary>
    internal ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _answers.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>Takes an answer that is there.</summary>
    internal bool TryRead([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out StreamResponse? answer)
    {
        if (!_answers.Reader.TryRead(out answer))
        {
            return false;
        }

        bool resume = false;
        lock (_gate)
        {
            _held -= SizeOf(answer);
            if (_paused && _held <= _capacity / 2)
            {
                _paused = false;
                resume = true;
            }
        }

        if (resume)
        {
            _connection.Resume();
        }

        return true;
    }

    /// <summary>Nobody reads on: answers that still come are dropped.</summary>
    internal void Abandon()
    {
        bool resume;
        lock (_gate)
        {
            _abandoned = true;
            resume = _paused;
            _paused = false;
        }

        if (resume)
        {
            _connection.Resume();
        }
    }

    // What an answer without data takes up besides; it keeps a job that prints single bytes from filling memory with messages.
    private static int SizeOf(StreamResponse answer) => answer.Data.Length + 128;
}
