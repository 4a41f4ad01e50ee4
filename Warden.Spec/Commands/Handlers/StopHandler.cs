using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

/// <summary>Stops a container.</summary>
internal sealed class StopHandler : CommandHandler<StopRequest>
{
    protected override string? MissingField(StopRequest request) =>
        !request.HasHandle ? "handle"
            : null;

    protected override ByteString? HandleOf(StopRequest request) => request.Handle;

    protected override async ValueTask HandleAsync(CommandContext context, StopRequest request, CancellationToken cancellationToken)
    {
        var container = context.Container;
        var (operation, began) = container.BeginStop(request.Kill);
        container.Save();

        // A second Stop answers at once; so does one that is told to go on in the background.
        if (began && !request.Background)
        {
            await operation.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        await context.ReplyAsync(new StopResponse(), cancellationToken).ConfigureAwait(false);
    }
}
