using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

/// <summary>Starts a job.</summary>
internal sealed class SpawnHandler : CommandHandler<SpawnRequest>
{
    protected override string? MissingField(SpawnRequest request) =>
        !request.HasHandle ? "handle"
            : !request.HasScript ? "script"
            : null;

    protected override ByteString? HandleOf(SpawnRequest request) => request.Handle;

    protected override async ValueTask HandleAsync(CommandContext context, SpawnRequest request, CancellationToken cancellationToken)
    {
        var spec = context.Engine.JobDefaults.MakeSpec(
            context.Engine.JobIds.Next(), request.Script.Memory, request.Privileged, request.Rlimits, request.DiscardOutput,
            request.HasLogTag ? RequestFields.Text(request.LogTag, "log_tag") : null);
        var job = await context.Container.StartJobAsync(spec, wait: false).ConfigureAwait(false);
        await context.ReplyAsync(new SpawnResponse { JobId = job.Id }, cancellationToken).ConfigureAwait(false);
    }
}
