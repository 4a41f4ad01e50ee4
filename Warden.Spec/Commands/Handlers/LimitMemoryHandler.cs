using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

/// <summary>Limits memory.</summary>
internal sealed class LimitMemoryHandler : CommandHandler<LimitMemoryRequest>
{
    protected override string? MissingField(LimitMemoryRequest request) =>
        !request.HasHandle ? "handle"
            : null;

    protected override ByteString? HandleOf(LimitMemoryRequest request) => request.Handle;

    protected override async ValueTask HandleAsync(CommandContext context, LimitMemoryRequest request, CancellationToken cancellationToken)
    {
        var container = context.Container;
        var limit = request.HasLimitInBytes
            ? await container.LimitMemoryAsync(request.LimitInBytes, cancellationToken).ConfigureAwait(false)
            : await container.ReadMemoryLimitAsync(cancellationToken).ConfigureAwait(false);
        await context.ReplyAsync(new LimitMemoryResponse { LimitInBytes = limit }, cancellationToken).ConfigureAwait(false);
    }
}
