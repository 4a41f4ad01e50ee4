using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Warden.Emulator.Machine;

// Waiting. Every wait of a process ends when the process is killed, and none ends before a stopped process is continued.
public sealed partial class Process
{
    private const int CreditBetweenLooks = 64;
    private static readonly long TimeSlice = Stopwatch.Frequency / 200;

    private Waiter? _waiters;
    private CancellationTokenSource? _killedSource;
    private int _credit = CreditBetweenLooks;
    private long _sliceStart;

    /// <summary>Gives a killed process the chance to end: call it in loops that make no system call.</summary>
    /// <exception cref="OperationCanceledException">The process was killed.</exception>
    public void Checkpoint()
    {
        if (_attention)
        {
            ThrowIfDead();
        }

        if (_limitsCpu)
        {
            CheckCpuLimit();
        }
    }

    /// <summary>
    /// As <see cref="Checkpoint"/>, waits while the process is stopped, and lets others run now and then. Programs that call themselves
    /// await it at every level: it keeps deep recursion from ending the thread's stack.
    /// </summary>
    /// <exception cref="OperationCanceledException">The process was killed.</exception>
    public ValueTask CheckpointAsync() => MustPause() ? PauseAsync() : default;

    /// <summary>Cancelled when the process has been killed.</summary>
    public CancellationToken Killed
    {
        get
        {
            lock (_lock)
            {
                if (_isDead)
                {
                    return new CancellationToken(canceled: true);
                }

                return (_killedSource ??= new CancellationTokenSource()).Token;
            }
        }
    }

    /// <summary>Sleeps by the machine's clock.</summary>
    /// <param name="time">How long; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <param name="interruptible">Whether a handled signal ends the sleep.</param>
    /// <returns>False when a handled signal came first.</returns>
    public async ValueTask<bool> SleepAsync(TimeSpan time, bool interruptible = false)
    {
        await CheckpointAsync().ConfigureAwait(false);
        if (time <= TimeSpan.Zero && time != Timeout.InfiniteTimeSpan)
        {
            return true;
        }

        var waiter = new Waiter(interruptible);
        return await BlockAsync(waiter, time).ConfigureAwait(false) != Wake.Signal;
    }

    /// <summary>
    /// Waits for something of the program's own, so that the process counts as sleeping meanwhile and a kill ends the wait.
    /// </summary>
    /// <param name="task">What to wait for. Its failure is not thrown here.</param>
    /// <param name="interruptible">Whether a handled signal ends the wait.</param>
    /// <returns>False when a handled signal came first.</returns>
    /// <exception cref="OperationCanceledException">The process was killed.</exception>
    public async ValueTask<bool> WaitForAsync(Task task, bool interruptible = false)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (task.IsCompleted)
        {
            return true;
        }

        var waiter = new Waiter(interruptible);
        _ = task.ContinueWith(
            static (_, state) => ((Waiter)state!).End(Wake.Ready), waiter, CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return await BlockAsync(waiter).ConfigureAwait(false) != Wake.Signal;
    }

    /// <summary>Waits until somebody ends the waiter. A kill ends it too.</summary>
    /// <exception cref="OperationCanceledException">The process was killed.</exception>
    internal async ValueTask<Wake> BlockAsync(Waiter waiter)
    {
        Enlist(waiter);
        var reason = await waiter.Task.ConfigureAwait(false);
        Delist(waiter);
        if (_attention)
        {
            await UntilRunningAsync().ConfigureAwait(false);
        }

        return reason == Wake.Killed ? throw Dead() : reason;
    }

    /// <summary>The same with a limit of time by the machine's clock.</summary>
    internal async ValueTask<Wake> BlockAsync(Waiter waiter, TimeSpan time)
    {
        if (time == Timeout.InfiniteTimeSpan)
        {
            return await BlockAsync(waiter).ConfigureAwait(false);
        }

        var longest = TimeSpan.FromMilliseconds(uint.MaxValue - 1);
        var timer = Clock.CreateTimer(
            static state => ((Waiter)state!).End(Wake.Timeout), waiter, time < longest ? time : longest, Timeout.InfiniteTimeSpan);
        try
        {
            return await BlockAsync(waiter).ConfigureAwait(false);
        }
        finally
        {
            timer.Dispose();
        }
    }

    private static OperationCanceledException Dead() => new("The process was killed.");

    private void ThrowIfDead()
    {
        if (_isDead)
        {
            throw Dead();
        }
    }

    // Whether a call has to do more than its work: the process is dead or stopped, has run for long enough, or its program has called
    // itself so deeply that the thread's stack nears its end.
    private bool MustPause() => _attention || --_credit < 0 || !RuntimeHelpers.TryEnsureSufficientExecutionStack();

    private async ValueTask PauseAsync()
    {
        if (_attention)
        {
            await UntilRunningAsync().ConfigureAwait(false);
        }

        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            // All callers suspend, their frames move to the heap, and the program goes on with an empty stack.
            await Task.Yield();
        }

        if (_credit >= 0)
        {
            return;
        }

        _credit = CreditBetweenLooks;
        if (_limitsCpu)
        {
            CheckCpuLimit();
        }

        var now = Stopwatch.GetTimestamp();
        if (now - _sliceStart > TimeSlice)
        {
            _sliceStart = now;
            await Task.Yield();
            ThrowIfDead();
        }
    }

    private async ValueTask UntilRunningAsync()
    {
        while (true)
        {
            Waiter waiter;
            lock (_lock)
            {
                if (_isDead)
                {
                    throw Dead();
                }

                if (!_isStopped)
                {
                    return;
                }

                waiter = new Waiter(interruptible: false) { UntilContinued = true };
            }

            Enlist(waiter);
            await waiter.Task.ConfigureAwait(false);
            Delist(waiter);
        }
    }

    private void Enlist(Waiter waiter)
    {
        lock (_lock)
        {
            if (_isDead)
            {
                waiter.End(Wake.Killed);
                return;
            }

            if (waiter.Interruptible && _pendingSignals != 0)
            {
                waiter.End(Wake.Signal);
            }
            else if (waiter.UntilContinued && !_isStopped)
            {
                waiter.End(Wake.Ready);
            }

            waiter.Next = _waiters;
            if (_waiters is not null)
            {
                _waiters.Previous = waiter;
            }

            _waiters = waiter;
            waiter.IsLinked = true;
            PauseCpu();
        }
    }

    private void Delist(Waiter waiter)
    {
        lock (_lock)
        {
            if (!waiter.IsLinked)
            {
                return;
            }

            waiter.IsLinked = false;
            if (waiter.Previous is null)
            {
                _waiters = waiter.Next;
            }
            else
            {
                waiter.Previous.Next = waiter.Next;
            }

            if (waiter.Next is not null)
            {
                waiter.Next.Previous = waiter.Previous;
            }

            waiter.Next = waiter.Previous = null;
            ResumeCpu();
        }
    }

    // With _lock held.
    private void EndWaits(Wake reason)
    {
        for (var waiter = _waiters; waiter is not null; waiter = waiter.Next)
        {
            if (reason == Wake.Killed || (reason == Wake.Signal ? waiter.Interruptible : waiter.UntilContinued))
            {
                waiter.End(reason);
            }
        }
    }
}
