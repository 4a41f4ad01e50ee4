using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

internal sealed class PingHandler : CommandHandler<PingRequest>
{
    protected override ValueTask HandleAsync(CommandContext context, PingRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
