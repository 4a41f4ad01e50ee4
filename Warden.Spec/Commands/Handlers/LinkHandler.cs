using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

internal sealed class LinkHandler : CommandHandler<LinkRequest>
{
    protected override string? MissingField(LinkRequest request) =>
        !request.HasHandle ? "handle"
            : !request.HasJobId ? "job_id"
            : null;

    protected override ByteString? HandleOf(LinkRequest request) => request.Handle;

    protected override ValueTask HandleAsync(CommandContext context, LinkRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
