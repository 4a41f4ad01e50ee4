using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

internal sealed class ListHandler : CommandHandler<ListRequest>
{
    protected override ValueTask HandleAsync(CommandContext context, ListRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
