using Google.Protobuf;
using Warden.Spec.Backend;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

/// <summary>Limits bandwidth in both directions.</summary>
internal sealed class LimitBandwidthHandler : CommandHandler<LimitBandwidthRequest>
{
    protected override string? MissingField(LimitBandwidthRequest request) =>
        !request.HasHandle ? "handle"
            : null;

    protected override ByteString? HandleOf(LimitBandwidthRequest request) => request.Handle;

    protected override async ValueTask HandleAsync(CommandContext context, LimitBandwidthRequest request, CancellationToken cancellationToken)
    {
        var container = context.Container;
        BandwidthLimit limit;
        if (!request.HasRate && !request.HasBurst)
        {
            limit = container.ReadBandwidthLimit();
        }
        else if (request.Rate == 0)
        {
            throw new WardenException("rate must be greater than 0, and burst with it");
        }
        else if (request.Burst == 0)
        {
            throw new WardenException("burst must be greater than 0, and rate with it");
        }
        else
        {
            limit = await container
                .LimitBandwidthAsync(new BandwidthLimit(request.Rate, request.Burst), cancellationToken).ConfigureAwait(false);
        }

        var response = new LimitBandwidthResponse { Rate = limit.Rate, Burst = limit.Burst };
        await context.ReplyAsync(response, cancellationToken).ConfigureAwait(false);
    }
}
