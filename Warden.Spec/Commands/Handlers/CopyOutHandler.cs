using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

/// <summary>Copies out of a container.</summary>
internal sealed class CopyOutHandler : CommandHandler<CopyOutRequest>
{
    protected override string? MissingField(CopyOutRequest request) =>
        !request.HasHandle ? "handle"
            : !request.HasSrcPath ? "src_path"
            : !request.HasDstPath ? "dst_path"
            : null;

    protected override ByteString? HandleOf(CopyOutRequest request) => request.Handle;

    protected override async ValueTask HandleAsync(CommandContext context, CopyOutRequest request, CancellationToken cancellationToken)
    {
        await context.Container.CopyOutAsync(
            RequestFields.Path(request.SrcPath, "src_path"), RequestFields.Path(request.DstPath, "dst_path"),
            request.Owner is { Length: > 0 } owner ? owner : null, cancellationToken).ConfigureAwait(false);
        await context.ReplyAsync(new CopyOutResponse(), cancellationToken).ConfigureAwait(false);
    }
}
