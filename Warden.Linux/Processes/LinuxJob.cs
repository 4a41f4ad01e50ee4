using Warden.Spec.Backend;

namespace Warden.Linux.Processes;

/// <summary>A job whose monitor keeps its output, and its end, in a log on disk.</summary>
internal sealed class LinuxJob : IBackendJob
{
    private readonly TaskCompletionSource<JobEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ContainerMonitor _monitor;
    private readonly JobOutput _output;
    private readonly string _log;

    public LinuxJob(ContainerMonitor monitor, uint id, string log)
    {
        _monitor = monitor;
        _log = log;
        Id = id;
        _output = new JobOutput(log, Ended, offset => monitor.WatchAsync(this, offset));
    }

    /// <inheritdoc/>
    public uint Id { get; }

    /// <inheritdoc/>
    public Task<JobEnd> Ended => _ended.Task;

    /// <inheritdoc/>
    public IJobOutput Output => _output;

    /// <inheritdoc/>
    public void Forget()
    {
        _output.Close();

        // At once and not by the monitor's hand: a later server finds what lies there.
        JobLog.Remove(_log);
        _monitor.Forget(this);
    }

    /// <summary>The job has ended and its log has all of its output that could be stored.</summary>
    public void Complete(JobEndRecord end) =>
        _ended.TrySetResult(new JobEnd(
            end.Status is < 0 or > 255 || end.OutputLimitExceeded ? JobLog.UnknownStatus : end.Status, end.OutputLimitExceeded, end.OutputNotStored));

    /// <summary>The job has ended, as its log says; one that does not say it has an unknown status.</summary>
    public void CompleteFromLog()
    {
        if (!Ended.IsCompleted)
        {
            Complete(JobLog.ReadEnd(_log) ?? new JobEndRecord(Id, JobLog.UnknownStatus, false));
        }
    }
}
