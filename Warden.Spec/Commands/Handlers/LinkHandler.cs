using Google.Protobuf;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

/// <summary>Waits for a job and takes its result.</summary>
internal sealed class LinkHandler : CommandHandler<LinkRequest>
{
    protected override string? MissingField(LinkRequest request) =>
        !request.HasHandle ? "handle"
            : !request.HasJobId ? "job_id"
            : null;

    protected override ByteString? HandleOf(LinkRequest request) => request.Handle;

    protected override async ValueTask HandleAsync(CommandContext context, LinkRequest request, CancellationToken cancellationToken)
    {
        var container = context.Container;
        var job = await container.JoinJobAsync(request.JobId, cancellationToken).ConfigureAwait(false);
        try
        {
            var result = await JobResult.WaitAsync(container, job, cancellationToken).ConfigureAwait(false);
            var response = new LinkResponse
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
