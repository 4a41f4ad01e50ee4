using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

/// <summary>Names the containers, the oldest first.</summary>
internal sealed class ListHandler : CommandHandler<ListRequest>
{
    protected override ValueTask HandleAsync(CommandContext context, ListRequest request, CancellationToken cancellationToken)
    {
        var response = new ListResponse();
        foreach (var container in context.Engine.Registry.All())
        {
            response.Handles.Add(container.HandleBytes);
        }

        return context.ReplyAsync(response, cancellationToken);
    }
}
