using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

internal sealed class LimitCpuHandler : CommandHandler<LimitCpuRequest>
{
    protected override string? MissingField(LimitCpuRequest request) =>
        !request.HasHandle ? "handle"
            : null;

    protected override ByteString? HandleOf(LimitCpuRequest request) => request.Handle;

    protected override ValueTask HandleAsync(CommandContext context, LimitCpuRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
