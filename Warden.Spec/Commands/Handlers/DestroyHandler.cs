using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

internal sealed class DestroyHandler : CommandHandler<DestroyRequest>
{
    protected override string? MissingField(DestroyRequest request) =>
        !request.HasHandle ? "handle"
            : null;

    protected override ByteString? HandleOf(DestroyRequest request) => request.Handle;

    protected override ValueTask HandleAsync(CommandContext context, DestroyRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
