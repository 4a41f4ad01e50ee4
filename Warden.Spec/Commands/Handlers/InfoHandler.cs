using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

internal sealed class InfoHandler : CommandHandler<InfoRequest>
{
    protected override string? MissingField(InfoRequest request) =>
        !request.HasHandle ? "handle"
            : null;

    protected override ByteString? HandleOf(InfoRequest request) => request.Handle;

    protected override ValueTask HandleAsync(CommandContext context, InfoRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
