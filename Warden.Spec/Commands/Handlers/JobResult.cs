using Google.Protobuf;
using Warden.Spec.Containers;
using Warden.Spec.Containers.Jobs;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

/// <summary>What Link and Run answer, and how a result is delivered.</summary>
internal readonly record struct JobResult(uint ExitStatus, ByteString Stdout, ByteString Stderr, InfoResponse Info)
{
    public static async ValueTask<JobResult> WaitAsync(Container container, Job job, CancellationToken cancellationToken)
    {
        var end = await job.End!.WaitAsync(cancellationToken).ConfigureAwait(false);
        var text = await container.ReadAllAsync(job).WaitAsync(cancellationToken).ConfigureAwait(false);
        var info = await container.TakeJobInfoAsync(cancellationToken).ConfigureAwait(false);
        return new JobResult((uint)end.ExitStatus, text.Stdout, text.Stderr, info);
    }

    /// <summary>Sends the answer that takes the job's result. A client that vanished takes nothing.</summary>
    public static async ValueTask DeliverAsync(CommandContext context, Job job, IMessage response, CancellationToken cancellationToken)
    {
        context.Container.BeginDelivery(job);
        var isWritten = false;
        try
        {
            await context.ReplyAsync(response, cancellationToken).ConfigureAwait(false);
            isWritten = true;
        }
        finally
        {
            context.Container.EndDelivery(job, isWritten);
        }
    }
}
