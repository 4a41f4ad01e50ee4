using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;
using Warden.Spec.Backend;

namespace Warden.Emulator.Backend;

/// <summary>The writing end of a job's standard output or error.</summary>
internal sealed class JobOutputPipe(EmulatedJob job, OutputStream stream, EmulatedContainer container) : OpenFile
{
    private readonly PipeIdentity _identity = new(container);

    /// <inheritdoc/>
    public override FileStatus Status => _identity.Status;

    /// <inheritdoc/>
    public override string Name => _identity.Name;

    /// <inheritdoc/>
    public override ValueTask WriteAsync(Process process, ReadOnlyMemory<byte> data)
    {
        process.Checkpoint();
        job.Take(stream, data.Span);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    protected internal override void OnClosed() => job.CloseOne();
}
