using Google.Protobuf;
using Warden.Spec.Backend;
using Warden.Spec.Containers.Jobs;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

/// <summary>Replays what a job has printed and follows it.</summary>
internal sealed class StreamHandler : CommandHandler<StreamRequest>
{
    private const int LargestChunk = 65536;

    protected override string? MissingField(StreamRequest request) =>
        !request.HasHandle ? "handle"
            : !request.HasJobId ? "job_id"
            : null;

    protected override ByteString? HandleOf(StreamRequest request) => request.Handle;

    protected override async ValueTask HandleAsync(CommandContext context, StreamRequest request, CancellationToken cancellationToken)
    {
        var container = context.Container;
        var job = await container.JoinJobAsync(request.JobId, cancellationToken).ConfigureAwait(false);
        try
        {
            if (!job.DiscardOutput)
            {
                await SendOutputAsync(context, job, cancellationToken).ConfigureAwait(false);
            }

            var end = await job.End!.WaitAsync(cancellationToken).ConfigureAwait(false);
            var last = new StreamResponse
            {
                ExitStatus = (uint)end.ExitStatus,
                Info = await container.TakeJobInfoAsync(cancellationToken).ConfigureAwait(false),
            };
            await JobResult.DeliverAsync(context, job, last, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            container.LeaveJob(job);
        }
    }

    private static async Task SendOutputAsync(CommandContext context, Job job, CancellationToken cancellationToken)
    {
        OutputPosition position = default;
        while (true)
        {
            var chunk = await job.ReadAsync(position, LargestChunk, cancellationToken).ConfigureAwait(false);
            if (chunk.IsEnd)
            {
                return;
            }

            // The chunk's memory stays unchanged, so it travels without a copy.
            var response = new StreamResponse
            {
                Name = chunk.Stream == OutputStream.Stderr ? "stderr" : "stdout",
                Data = UnsafeByteOperations.UnsafeWrap(chunk.Data),
            };
            await context.ReplyAsync(response, cancellationToken).ConfigureAwait(false);
            position = chunk.Next;
        }
    }
}
