using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

/// <summary>Starts a job and waits for it: spawn and link in one.</summary>
internal sealed class RunHandler : CommandHandler<RunRequest>
{
    protected override string? MissingField(RunRequest request) =>
        !request.HasHandle ? "handle"
            : !request.HasScript ? "script"
            : null;

    protected override ByteString? HandleOf(RunRequest request) => request.Handle;

    protected override async ValueTask HandleAsync(CommandContext context, RunRequest request, CancellationToken cancellationToken)
    {
        var spec = context.Engine.JobDefaults.MakeSpec(
            context.Engine.JobIds.Next(), request.Script.Memory, request.Privileged, request.Rlimits, request.DiscardOutput,
            request.HasLogTag ? RequestFields.Text(request.LogTag, "log_tag") : null);
        var container = context.Container;
        var job = await container.StartJobAsync(spec, wait: true).ConfigureAwait(false);
        try
        {
            var result = await JobResult.WaitAsync(container, job, cancellationToken).ConfigureAwait(false);
            var response = new RunResponse
            {
                ExitStatus = result.ExitStatus,
                Stdout = result.Stdout,
                Stderr = result.Stderr,
                Info = result.Info,
            };
            await JobResult.DeliverAsync(context, job, response, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            container.LeaveJob(job);
        }
    }
}
