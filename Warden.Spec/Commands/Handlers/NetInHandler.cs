using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

internal sealed class NetInHandler : CommandHandler<NetInRequest>
{
    protected override string? MissingField(NetInRequest request) =>
        !request.HasHandle ? "handle"
            : null;

    protected override ByteString? HandleOf(NetInRequest request) => request.Handle;

    protected override ValueTask HandleAsync(CommandContext context, NetInRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
