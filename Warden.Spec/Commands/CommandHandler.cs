using Google.Protobuf;

namespace Warden.Spec.Commands;

/// <summary>One command's work.</summary>
public abstract class CommandHandler
{
    private protected CommandHandler()
    {
    }

    /// <summary>The path of the first required field that the request lacks, or null.</summary>
    internal abstract string? MissingField(IMessage request);

    /// <summary>Refuses values that make no sense whatever the container's state is.</summary>
    /// <exception cref="WardenException">Names the field.</exception>
    internal abstract void Check(IMessage request);

    /// <summary>The handle of the container that the request names; null for a command of the server.</summary>
    internal abstract ByteString? HandleOf(IMessage request);

    /// <summary>Runs a request.</summary>
    internal abstract ValueTask HandleAsync(CommandContext context, IMessage request, CancellationToken cancellationToken);
}

/// <summary>The work of a command with requests of one type.</summary>
internal abstract class CommandHandler<TRequest> : CommandHandler
    where TRequest : class, IMessage
{
    internal sealed override string? MissingField(IMessage request) => MissingField((TRequest)request);

    internal sealed override void Check(IMessage request) => Check((TRequest)request);

    internal sealed override ByteString? HandleOf(IMessage request) => HandleOf((TRequest)request);

    internal sealed override ValueTask HandleAsync(CommandContext context, IMessage request, CancellationToken cancellationToken) =>
        HandleAsync(context, (TRequest)request, cancellationToken);

    protected virtual string? MissingField(TRequest request) => null;

    protected virtual void Check(TRequest request)
    {
    }

    protected virtual ByteString? HandleOf(TRequest request) => null;

    protected abstract ValueTask HandleAsync(CommandContext context, TRequest request, CancellationToken cancellationToken);
}
