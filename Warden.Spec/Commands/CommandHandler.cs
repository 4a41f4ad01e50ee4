using Google.Protobuf;

namespace Warden.Spec.Commands;

/// <summary>One command's work.</summary>
public abstract class CommandHandler
{
    /// <summary>Runs a request.</summary>
    internal abstract ValueTask HandleAsync(CommandContext context, IMessage request, CancellationToken cancellationToken);
}

/// <summary>What a handler works with.</summary>
internal sealed class CommandContext
{
}
