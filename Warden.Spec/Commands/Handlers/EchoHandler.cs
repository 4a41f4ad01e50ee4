using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

internal sealed class EchoHandler : CommandHandler<EchoRequest>
{
    protected override string? MissingField(EchoRequest request) =>
        !request.HasMessage ? "message"
            : null;

    protected override ValueTask HandleAsync(CommandContext context, EchoRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
