using Google.Protobuf;
using Warden.Spec.Containers;

namespace Warden.Spec.Commands;

/// <summary>What a handler works with. Each session has one and uses it for one request after the other.</summary>
internal sealed class CommandContext(WardenEngine engine, CommandSession session)
{
    private CommandRow? _row;
    private Container? _container;
    private IReplySink? _replies;

    public WardenEngine Engine => engine;

    public CommandSession Session => session;

    /// <summary>The container that the request names.</summary>
    public Container Container => _container ?? throw new InvalidOperationException("The command names no container.");

    /// <summary>Whether an answer could not be sent: what is thrown then is no failure of the command.</summary>
    public bool SendFailed { get; private set; }

    public void Begin(CommandRow row, Container? container, IReplySink replies)
    {
        _row = row;
        _container = container;
        _replies = replies;
        SendFailed = false;
    }

    /// <summary>Sends an answer, after the snapshot where the row wants it.</summary>
    public ValueTask ReplyAsync(IMessage response, CancellationToken cancellationToken)
    {
        if (_row!.Snapshot == SnapshotPolicy.BeforeReply)
        {
            _container?.Save();
        }

        ValueTask sending;
        try
        {
            sending = _replies!.SendAsync(response, cancellationToken);
        }
        catch
        {
            SendFailed = true;
            throw;
        }

        return sending.IsCompletedSuccessfully ? sending : AwaitAsync(sending);
    }

    private async ValueTask AwaitAsync(ValueTask sending)
    {
        try
        {
            await sending.ConfigureAwait(false);
        }
        catch
        {
            SendFailed = true;
            throw;
        }
    }
}
