using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

/// <summary>Sends the text back.</summary>
internal sealed class EchoHandler : CommandHandler<EchoRequest>
{
    protected override string? MissingField(EchoRequest request) =>
        !request.HasMessage ? "message"
            : null;

    protected override ValueTask HandleAsync(CommandContext context, EchoRequest request, CancellationToken cancellationToken) =>
        context.ReplyAsync(new EchoResponse { Message = request.Message }, cancellationToken);
}
