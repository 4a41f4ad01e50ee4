using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

internal sealed class StopHandler : CommandHandler<StopRequest>
{
    protected override string? MissingField(StopRequest request) =>
        !request.HasHandle ? "handle"
            : null;

    protected override ByteString? HandleOf(StopRequest request) => request.Handle;

    protected override ValueTask HandleAsync(CommandContext context, StopRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
