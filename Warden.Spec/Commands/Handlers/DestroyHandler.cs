using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

/// <summary>Destroys a container.</summary>
internal sealed class DestroyHandler : CommandHandler<DestroyRequest>
{
    protected override string? MissingField(DestroyRequest request) =>
        !request.HasHandle ? "handle"
            : null;

    protected override ByteString? HandleOf(DestroyRequest request) => request.Handle;

    protected override async ValueTask HandleAsync(CommandContext context, DestroyRequest request, CancellationToken cancellationToken)
    {
        // It goes on when the client goes.
        if (!await context.Engine.DestroyAsync(context.Container).WaitAsync(cancellationToken).ConfigureAwait(false))
        {
            throw new WardenException(CommandErrors.UnknownHandle);
        }

        await context.ReplyAsync(new DestroyResponse(), cancellationToken).ConfigureAwait(false);
    }
}
