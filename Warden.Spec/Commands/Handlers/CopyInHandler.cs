using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

/// <summary>Copies into a container.</summary>
internal sealed class CopyInHandler : CommandHandler<CopyInRequest>
{
    protected override string? MissingField(CopyInRequest request) =>
        !request.HasHandle ? "handle"
            : !request.HasSrcPath ? "src_path"
            : !request.HasDstPath ? "dst_path"
            : null;

    protected override ByteString? HandleOf(CopyInRequest request) => request.Handle;

    protected override async ValueTask HandleAsync(CommandContext context, CopyInRequest request, CancellationToken cancellationToken)
    {
        await context.Container.CopyInAsync(
            RequestFields.Path(request.SrcPath, "src_path"), RequestFields.Path(request.DstPath, "dst_path"), cancellationToken)
            .ConfigureAwait(false);
        await context.ReplyAsync(new CopyInResponse(), cancellationToken).ConfigureAwait(false);
    }
}
