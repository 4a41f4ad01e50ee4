using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

/// <summary>Forwards a port.</summary>
internal sealed class NetInHandler : CommandHandler<NetInRequest>
{
    protected override string? MissingField(NetInRequest request) =>
        !request.HasHandle ? "handle"
            : null;

    protected override ByteString? HandleOf(NetInRequest request) => request.Handle;

    protected override async ValueTask HandleAsync(CommandContext context, NetInRequest request, CancellationToken cancellationToken)
    {
        int? hostPort = request.HasHostPort ? RequestFields.Port(request.HostPort, "host_port") : null;
        int? containerPort = request.HasContainerPort ? RequestFields.Port(request.ContainerPort, "container_port") : null;
        var (host, container) = await context.Container
            .ForwardAsync(context.Engine.Pools, hostPort, containerPort, cancellationToken).ConfigureAwait(false);
        var response = new NetInResponse { HostPort = (uint)host, ContainerPort = (uint)container };
        await context.ReplyAsync(response, cancellationToken).ConfigureAwait(false);
    }
}
