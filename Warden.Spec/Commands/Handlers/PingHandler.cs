using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

/// <summary>Answers.</summary>
internal sealed class PingHandler : CommandHandler<PingRequest>
{
    private static readonly PingResponse Pong = new();

    protected override ValueTask HandleAsync(CommandContext context, PingRequest request, CancellationToken cancellationToken) =>
        context.ReplyAsync(Pong, cancellationToken);
}
