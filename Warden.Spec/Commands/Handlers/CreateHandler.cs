using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

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

    protected override ValueTask HandleAsync(CommandContext context, CreateRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
