using Google.Protobuf;
using Warden.Spec.Backend;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

/// <summary>Limits disk space and inodes.</summary>
internal sealed class LimitDiskHandler : CommandHandler<LimitDiskRequest>
{
    protected override string? MissingField(LimitDiskRequest request) =>
        !request.HasHandle ? "handle"
            : null;

    protected override ByteString? HandleOf(LimitDiskRequest request) => request.Handle;

    protected override async ValueTask HandleAsync(CommandContext context, LimitDiskRequest request, CancellationToken cancellationToken)
    {
        if (!context.Engine.Environment.Configuration.Server.DiskQuotaEnabled)
        {
            await context.ReplyAsync(new LimitDiskResponse(), cancellationToken).ConfigureAwait(false);
            return;
        }

        var changesBlocks = DiskFields.ChangeBlocks(request);
        var changesInodes = DiskFields.ChangeInodes(request);
        if (changesBlocks
            && context.Engine.Environment.Backend.Capabilities.Lacking.TryGetValue(BackendFeature.DiskBytes, out var reason))
        {
            throw new WardenException(reason);
        }

        var container = context.Container;
        var limits = changesBlocks || changesInodes
            ? await container.LimitDiskAsync(current => DiskFields.Apply(request, current), changesInodes, cancellationToken)
                .ConfigureAwait(false)
            : container.ReadDiskLimits();
        await context.ReplyAsync(DiskFields.ToResponse(limits), cancellationToken).ConfigureAwait(false);
    }
}
