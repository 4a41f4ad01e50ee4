using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

internal sealed class CopyInHandler : CommandHandler<CopyInRequest>
{
    protected override string? MissingField(CopyInRequest request) =>
        !request.HasHandle ? "handle"
            : !request.HasSrcPath ? "src_path"
            : !request.HasDstPath ? "dst_path"
            : null;

    protected override ByteString? HandleOf(CopyInRequest request) => request.Handle;

    protected override ValueTask HandleAsync(CommandContext context, CopyInRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
