using Warden.Spec.Backend;
using Warden.Spec.Containers;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

/// <summary>Makes a container.</summary>
internal sealed class CreateHandler : CommandHandler<CreateRequest>
{
    protected override string? MissingField(CreateRequest request)
    {
        var mounts = request.BindMounts;
        for (var index = 0; index < mounts.Count; index++)
        {
            var field = !mounts[index].HasSrcPath ? "src_path" : !mounts[index].HasDstPath ? "dst_path" : !mounts[index].HasMode ? "mode" : null;
            if (field is not null)
            {
                return $"bind_mounts[{index}].{field}";
            }
        }

        return null;
    }

    protected override void Check(CreateRequest request)
    {
        for (var index = 0; index < request.BindMounts.Count; index++)
        {
            var mode = request.BindMounts[index].Mode;
            if (mode is not (CreateRequest.Types.BindMount.Types.Mode.Ro or CreateRequest.Types.BindMount.Types.Mode.Rw))
            {
                throw new WardenException($"bind_mounts[{index}].mode has no value {(int)mode}");
            }
        }
    }

    protected override async ValueTask HandleAsync(CommandContext context, CreateRequest request, CancellationToken cancellationToken)
    {
        // It goes on when the client goes: a half-made container is worse than one whose grace time starts.
        var container = await context.Engine
            .CreateAsync(Read(request, context.Engine), context.Session.References).ConfigureAwait(false);
        await context.ReplyAsync(new CreateResponse { Handle = container.HandleBytes }, cancellationToken).ConfigureAwait(false);
    }

    private static NewContainer Read(CreateRequest request, WardenEngine engine)
    {
        uint? network = null;
        if (request.HasNetwork)
        {
            network = AddressRanges.TryParseAddress(request.Network, out var address)
                ? address
                : throw new WardenException($"network: '{request.Network}' is not an IPv4 address");
        }

        var mounts = request.BindMounts.Count == 0 ? [] : new BindMountSpec[request.BindMounts.Count];
        for (var index = 0; index < mounts.Length; index++)
        {
            var mount = request.BindMounts[index];
            mounts[index] = new BindMountSpec(
                RequestFields.Path(mount.SrcPath, "bind_mounts.src_path"),
                RequestFields.Path(mount.DstPath, "bind_mounts.dst_path"),
                mount.Mode == CreateRequest.Types.BindMount.Types.Mode.Rw);
        }

        return new NewContainer(
            request.HasHandle ? RequestFields.Text(request.Handle, "handle") : null,
            network,
            request.HasGraceTime ? TimeSpan.FromSeconds(request.GraceTime) : engine.Environment.Configuration.Server.GraceTime,
            request.HasRootfs ? RequestFields.Path(request.Rootfs, "rootfs") : null,
            mounts);
    }
}
