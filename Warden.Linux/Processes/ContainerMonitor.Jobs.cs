using Warden.Spec;
using Warden.Spec.Backend;

namespace Warden.Linux.Processes;

/// <summary>The container's jobs.</summary>
internal sealed partial class ContainerMonitor
{
    private static readonly TimeSpan LongestJobStart = TimeSpan.FromSeconds(15);

    /// <summary>Starts a job.</summary>
    /// <exception cref="WardenException">The kernel refused a limit or the program, or the container has ended.</exception>
    public async ValueTask<IBackendJob> StartJobAsync(JobSpec spec, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var job = new LinuxJob(this, spec.Id, JobLog.PathOf(_runDirectory, spec.Id));

        // In the table first: the job's end may come right behind the answer.
        if (!_jobs.TryAdd(spec.Id, job))
        {
            throw new InvalidOperationException($"A job {spec.Id} is there already.");
        }

        try
        {
            // From here on not cancelled: a job whose start was sent runs, and somebody must know.
            var started = _connection.CallAsync(MessageType.JobStart, StartMessages.JobStart(spec, _syslogSocket), spec.Script);
            var answer = await AnswerOfStartAsync(started, spec.Id).ConfigureAwait(false);
            return answer.Type == MessageType.JobStarted ? job : throw MonitorFailure.Decode(answer).OfJob(spec);
        }
        catch (Exception e)
        {
            _jobs.TryRemove(spec.Id, out _);
            throw e is MonitorGoneException ? new WardenException("The container's init has ended", e) : e;
        }
    }

    private async Task<MonitorMessage> AnswerOfStartAsync(Task<MonitorMessage> started, uint jobId)
    {
        try
        {
            return await started.WaitAsync(LongestJobStart).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            _ = ForgetLateAsync(started, jobId);
            throw new WardenException(
                $"start a job: the container's init does not answer within {LongestJobStart.TotalSeconds:0} seconds; it may be stopped or frozen", e);
        }
    }

    /// <summary>A job that starts after its client was told that it does not is known to nobody: its result is dropped.</summary>
    private async Task ForgetLateAsync(Task<MonitorMessage> started, uint jobId)
    {
        try
        {
            if ((await started.ConfigureAwait(false)).Type == MessageType.JobStarted)
            {
                await ForgetAsync(jobId).ConfigureAwait(false);
                JobLog.Remove(JobLog.PathOf(_runDirectory, jobId));
            }
        }
        catch (MonitorGoneException)
        {
            // It never started, or has ended with init.
        }
    }

    /// <summary>A job of this or an earlier server, running or ended and not forgotten; null when there is none.</summary>
    public ValueTask<IBackendJob?> FindJobAsync(uint jobId, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_jobs.TryGetValue(jobId, out var known))
        {
            return new(known);
        }

        var path = JobLog.PathOf(_runDirectory, jobId);
        if (!File.Exists(path))
        {
            return new((IBackendJob?)null);
        }

        var job = new LinuxJob(this, jobId, path);
        if (!_jobs.TryAdd(jobId, job))
        {
            return new(_jobs[jobId]);
        }

        if (JobLog.ReadEnd(path) is { } end)
        {
            job.Complete(end);
        }
        else
        {
            // One that was about to start, or to end, when the monitor told what runs.
            _ = WatchAsync(job, long.MaxValue);
        }

        return new(job);
    }

    /// <summary>
    /// Completes when a job's log is longer than that, with its size then; or when the job has ended. Fails only when this object was
    /// disposed.
    /// </summary>
    internal async Task<long> WatchAsync(LinuxJob job, long offset)
    {
        try
        {
            var answer = await _connection.CallAsync(MessageType.JobWatch, MonitorProtocol.JobWatch(job.Id, offset)).ConfigureAwait(false);
            if (answer.Type != MessageType.JobGrown)
            {
                // The monitor knows no such job any more.
                job.CompleteFromLog();
                return offset;
            }

            var grown = JobGrown.Decode(answer);
            if (grown.Ended)
            {
                // Its log is complete; the event may come later, and does not for one that ended before this connection began.
                job.CompleteFromLog();
            }

            return grown.Size;
        }
        catch (Exception e) when (e is MonitorGoneException or InvalidDataException)
        {
            // A server that goes leaves its jobs to the next one; else the end is told when all that is left has ended.
            ObjectDisposedException.ThrowIf(_disposed, this);
            await job.Ended.ConfigureAwait(false);
            return offset;
        }
    }

    /// <summary>Drops a job whose result was delivered.</summary>
    internal void Forget(LinuxJob job)
    {
        _jobs.TryRemove(new(job.Id, job));
        _ = ForgetAsync(job.Id);
    }

    private async Task ForgetAsync(uint jobId)
    {
        try
        {
            await _connection.CallAsync(MessageType.JobForget, MonitorProtocol.JobId(jobId)).ConfigureAwait(false);
        }
        catch (MonitorGoneException)
        {
            // With the monitor went what it knew.
        }
    }
}
