using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

internal sealed class RunHandler : CommandHandler<RunRequest>
{
    protected override string? MissingField(RunRequest request) =>
        !request.HasHandle ? "handle"
            : !request.HasScript ? "script"
            : null;

    protected override ByteString? HandleOf(RunRequest request) => request.Handle;

    protected override ValueTask HandleAsync(CommandContext context, RunRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
