using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

internal sealed class CopyOutHandler : CommandHandler<CopyOutRequest>
{
    protected override string? MissingField(CopyOutRequest request) =>
        !request.HasHandle ? "handle"
            : !request.HasSrcPath ? "src_path"
            : !request.HasDstPath ? "dst_path"
            : null;

    protected override ByteString? HandleOf(CopyOutRequest request) => request.Handle;

    protected override ValueTask HandleAsync(CommandContext context, CopyOutRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
