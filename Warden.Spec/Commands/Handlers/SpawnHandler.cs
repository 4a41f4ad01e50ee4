using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

internal sealed class SpawnHandler : CommandHandler<SpawnRequest>
{
    protected override string? MissingField(SpawnRequest request) =>
        !request.HasHandle ? "handle"
            : !request.HasScript ? "script"
            : null;

    protected override ByteString? HandleOf(SpawnRequest request) => request.Handle;

    protected override ValueTask HandleAsync(CommandContext context, SpawnRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
