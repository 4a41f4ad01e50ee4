using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

internal sealed class LimitBandwidthHandler : CommandHandler<LimitBandwidthRequest>
{
    protected override string? MissingField(LimitBandwidthRequest request) =>
        !request.HasHandle ? "handle"
            : null;

    protected override ByteString? HandleOf(LimitBandwidthRequest request) => request.Handle;

    protected override ValueTask HandleAsync(CommandContext context, LimitBandwidthRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
