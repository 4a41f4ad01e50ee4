using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

/// <summary>Limits the share of CPU time.</summary>
internal sealed class LimitCpuHandler : CommandHandler<LimitCpuRequest>
{
    protected override string? MissingField(LimitCpuRequest request) =>
        !request.HasHandle ? "handle"
            : null;

    protected override ByteString? HandleOf(LimitCpuRequest request) => request.Handle;

    protected override async ValueTask HandleAsync(CommandContext context, LimitCpuRequest request, CancellationToken cancellationToken)
    {
        var container = context.Container;
        var shares = request.HasLimitInShares
            ? await container.LimitCpuAsync(request.LimitInShares, cancellationToken).ConfigureAwait(false)
            : await container.ReadCpuLimitAsync(cancellationToken).ConfigureAwait(false);
        await context.ReplyAsync(new LimitCpuResponse { LimitInShares = shares }, cancellationToken).ConfigureAwait(false);
    }
}
