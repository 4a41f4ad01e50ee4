using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

internal sealed class LimitMemoryHandler : CommandHandler<LimitMemoryRequest>
{
    protected override string? MissingField(LimitMemoryRequest request) =>
        !request.HasHandle ? "handle"
            : null;

    protected override ByteString? HandleOf(LimitMemoryRequest request) => request.Handle;

    protected override ValueTask HandleAsync(CommandContext context, LimitMemoryRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
