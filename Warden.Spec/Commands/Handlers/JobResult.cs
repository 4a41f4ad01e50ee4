using Google.Protobuf;
using Warden.Spec.Containers;
using Warden.Spec.Containers.Jobs;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

/// <summary>What Link and Run answer.</summary>
internal readonly record struct JobResult(uint ExitStatus, ByteString Stdout, ByteString Stderr, InfoResponse Info)
{
    public static async ValueTask<JobResult> WaitAsync(Container container, Job job, CancellationToken cancellationToken)
    {
        var end = await job.End!.WaitAsync(cancellationToken).ConfigureAwait(false);
        var text = await container.ReadAllAsync(job).WaitAsync(cancellationToken).ConfigureAwait(false);
        var info = await container.TakeJobInfoAsync(cancellationToken).ConfigureAwait(false);
        return new JobResult((uint)end.ExitStatus, text.Stdout, text.Stderr, info);
    }
}
