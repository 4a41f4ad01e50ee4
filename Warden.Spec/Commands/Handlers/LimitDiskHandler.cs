using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

internal sealed class LimitDiskHandler : CommandHandler<LimitDiskRequest>
{
    protected override string? MissingField(LimitDiskRequest request) =>
        !request.HasHandle ? "handle"
            : null;

    protected override ByteString? HandleOf(LimitDiskRequest request) => request.Handle;

    protected override ValueTask HandleAsync(CommandContext context, LimitDiskRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
