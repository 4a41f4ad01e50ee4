using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

/// <summary>Describes a container.</summary>
internal sealed class InfoHandler : CommandHandler<InfoRequest>
{
    protected override string? MissingField(InfoRequest request) =>
        !request.HasHandle ? "handle"
            : null;

    protected override ByteString? HandleOf(InfoRequest request) => request.Handle;

    protected override async ValueTask HandleAsync(CommandContext context, InfoRequest request, CancellationToken cancellationToken)
    {
        var info = await context.Container.TakeInfoAsync(cancellationToken).ConfigureAwait(false);
        await context.ReplyAsync(info, cancellationToken).ConfigureAwait(false);
    }
}
