using Warden.Spec.Backend;
using Warden.Spec.Commands;
using Warden.Spec.Containers.Jobs;

namespace Warden.Spec.Containers;

/// <summary>The container's jobs.</summary>
internal sealed partial class Container
{
    private static readonly TimeSpan LongestDelivery = TimeSpan.FromSeconds(2);

    private SortedDictionary<uint, Job>? _jobs;
    private uint _lastJobId;

    // Jobs that are in the table and not started yet; a stop waits for them.
    private int _starting;
    private TaskCompletionSource? _allStarted;

    /// <summary>The last id that a job of this container was given; 0 when none was.</summary>
    public uint LastJobId
    {
        get
        {
            lock (_lock)
            {
                return _lastJobId;
            }
        }
    }

    /// <summary>Starts a job.</summary>
    /// <param name="spec">The job, under an id never given before.</param>
    /// <param name="wait">Whether the caller waits for it and will call <see cref="LeaveJob"/>.</param>
    public async ValueTask<Job> StartJobAsync(JobSpec spec, bool wait)
    {
        var job = new Job(spec.Id, spec.Privileged, spec.DiscardOutput, spec.LogTag) { Waiters = wait ? 1 : 0 };
        lock (_lock)
        {
            _state.Demand(AllowedStates.Active);
            (_jobs ??= []).Add(job.Id, job);
            _lastJobId = Math.Max(_lastJobId, job.Id);
            _starting++;
            _isChanged = true;
        }

        try
        {
            // Written before the start: a server that is killed in between leaves no job that its successor does not look for.
            Save();
            var backendJob = await Backend.StartJobAsync(spec, _environment.Lifetime).ConfigureAwait(false);
            Adopt(job, backendJob);
        }
        catch
        {
            lock (_lock)
            {
                _jobs.Remove(job.Id);
                _isChanged = true;
            }

            throw;
        }
        finally
        {
            TaskCompletionSource? allStarted = null;
            lock (_lock)
            {
                if (--_starting == 0)
                {
                    (allStarted, _allStarted) = (_allStarted, null);
                }
            }

            allStarted?.TrySetResult();
        }

        return job;
    }

    /// <summary>Takes up the jobs of an earlier server that were not linked.</summary>
    public async ValueTask RecoverJobsAsync(IEnumerable<Job> jobs, uint lastJobId, CancellationToken cancellationToken)
    {
        _lastJobId = lastJobId;
        foreach (var job in jobs)
        {
            // One that the backend knows no more was linked; the server ended before its snapshot said so.
            if (await Backend.FindJobAsync(job.Id, cancellationToken).ConfigureAwait(false) is { } backendJob)
            {
                lock (_lock)
                {
                    (_jobs ??= []).Add(job.Id, job);
                }

                Adopt(job, backendJob);
            }
        }
    }

    /// <summary>
    /// Begins to wait for a job; <see cref="LeaveJob"/> ends it. Who comes while the result is being written to another learns first whether
    /// it was: a client that has read the result finds no such job, on whichever connection it asks.
    /// </summary>
    /// <exception cref="WardenException">There is none of that id, or its result was taken.</exception>
    public async ValueTask<Job> JoinJobAsync(uint id, CancellationToken cancellationToken)
    {
        var isPatient = true;
        while (true)
        {
            Task ended;
            lock (_lock)
            {
                if (_jobs is null || !_jobs.TryGetValue(id, out var job) || !job.IsStarted)
                {
                    throw new WardenException(CommandErrors.NoSuchJob);
                }

                if (job.Deliveries == 0 || !isPatient)
                {
                    job.Waiters++;
                    return job;
                }

                ended = (job.DeliveryEnded ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            try
            {
                // A client that does not read holds nobody up for longer; it lives by the system's clock.
                await ended.WaitAsync(LongestDelivery, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                isPatient = false;
            }
        }
    }

    /// <summary>A waiter's answer is about to be written.</summary>
    public void BeginDelivery(Job job)
    {
        lock (_lock)
        {
            job.Deliveries++;
        }
    }

    /// <summary>A waiter's answer was written, and the job is gone for all who do not wait by now; or it was not.</summary>
    public void EndDelivery(Job job, bool isWritten)
    {
        TaskCompletionSource? ended;
        lock (_lock)
        {
            job.Deliveries--;
            if (isWritten && !job.IsConsumed)
            {
                job.IsConsumed = true;
                _jobs!.Remove(job.Id);
                _isChanged = true;
            }

            (ended, job.DeliveryEnded) = (job.DeliveryEnded, null);
        }

        ended?.TrySetResult();
        if (isWritten)
        {
            EngineLog.JobLinked(_environment.Logger, Handle, job.Id);
        }
    }

    /// <summary>Ends a wait. The last one to leave a job whose result was taken drops it in the backend.</summary>
    public void LeaveJob(Job job)
    {
        bool forget;
        lock (_lock)
        {
            if (--job.Waiters > 0)
            {
                return;
            }

            forget = job.IsConsumed;
        }

        if (forget)
        {
            // The backend first: from then on a successor does not find the job, whatever the snapshot says.
            job.Forget();
            TrySave();
        }
        else
        {
            job.DropText();
        }
    }

    /// <summary>Everything a job printed.</summary>
    public Task<JobText> ReadAllAsync(Job job) => job.ReadAllAsync(_environment.Lifetime);

    private void Adopt(Job job, IBackendJob backendJob)
    {
        _environment.Meters.JobsChanged(1);
        job.Started(backendJob, ObserveEndAsync(job, backendJob));
    }

    private async Task<JobEnd> ObserveEndAsync(Job job, IBackendJob backendJob)
    {
        var end = await backendJob.Ended.ConfigureAwait(false);
        _environment.Meters.JobsChanged(-1);
        if (end.OutputNotStored)
        {
            EngineLog.OutputNotStored(_environment.Logger, Handle, job.Id);
            AddEvent("job output could not be stored");
            TrySave();
        }

        if (end.OutputLimitExceeded)
        {
            EngineLog.OutputLimitExceeded(_environment.Logger, Handle, job.Id);
            AddEvent("command exceeded maximum output");
            TrySave();
            return end with { ExitStatus = 255 };
        }

        EngineLog.JobEnded(_environment.Logger, Handle, job.Id, end.ExitStatus);
        return end;
    }

    private Task? PendingJob()
    {
        lock (_lock)
        {
            if (_starting > 0)
            {
                return (_allStarted ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            if (_jobs is not null)
            {
                foreach (var job in _jobs.Values)
                {
                    if (job.IsRunning)
                    {
                        return job.End;
                    }
                }
            }

            return null;
        }
    }
}
