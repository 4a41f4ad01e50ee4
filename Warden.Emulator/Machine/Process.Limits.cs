using System.Diagnostics;
using Warden.Spec.Backend;

namespace Warden.Emulator.Machine;

// Limits, memory, priority and CPU time.
public sealed partial class Process
{
    /// <summary>What a running program takes, a shell, and a process that was forked and shares its parent's pages.</summary>
    internal const long ProgramBytes = 512 << 10;
    internal const long ShellBytes = 1 << 20;
    internal const long ForkedBytes = 128 << 10;

    private LimitTable _limits;
    private bool _limitsCpu;
    private int _nice;
    private int _waitCount;
    private long _runningSince;
    private long _cpuTicks;
    private long _childCpuTicks;
    private bool _cpuSignalled;

    /// <summary>The nice value, -20 to 19.</summary>
    /// <exception cref="ErrnoException">EACCES when others than root lower it.</exception>
    public int Nice
    {
        get => _nice;
        set
        {
            Enter();
            var wanted = Math.Clamp(value, -20, 19);
            if (wanted < _nice && UserId != 0)
            {
                throw new ErrnoException(Errno.EACCES);
            }

            _nice = wanted;
        }
    }

    /// <summary>CPU time used by this process and by its children that were waited for.</summary>
    public (TimeSpan Own, TimeSpan Children) ProcessorTime
    {
        get
        {
            lock (_lock)
            {
                return (Stopwatch.GetElapsedTime(0, CpuTicks), Stopwatch.GetElapsedTime(0, _childCpuTicks));
            }
        }
    }

    /// <summary>Bytes that the process holds: those of its program and those it allocated.</summary>
    internal long ResidentBytes => BaseBytes + AllocatedBytes;

    internal long BaseBytes { get; set; }

    internal long AllocatedBytes { get; set; }

    // With _lock held.
    private long CpuTicks => _cpuTicks + (_runningSince == 0 ? 0 : Stopwatch.GetTimestamp() - _runningSince);

    /// <summary>
    /// Accounts memory to the process and its container. Over the container's limit a process of it (the largest, perhaps this one) is
    /// killed; over RLIMIT_AS or RLIMIT_DATA it fails with ENOMEM.
    /// </summary>
    /// <param name="bytes">How many.</param>
    /// <exception cref="ErrnoException">ENOMEM.</exception>
    /// <exception cref="OperationCanceledException">This process was killed for it.</exception>
    public void Allocate(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Enter();
        var limit = Math.Min(_limits[ResourceLimit.As].Soft, _limits[ResourceLimit.Data].Soft);
        if ((ulong)(AllocatedBytes + bytes) > limit)
        {
            throw new ErrnoException(Errno.ENOMEM);
        }

        Container.ChargePrivate(this, bytes);
    }

    /// <summary>Gives memory back.</summary>
    /// <param name="bytes">How many; more than are allocated count as all.</param>
    public void Free(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Enter();
        Container.FreePrivate(this, bytes);
    }

    /// <summary>getrlimit(2).</summary>
    /// <param name="limit">Which limit.</param>
    /// <returns>The values; <see cref="ResourceLimitSet.Unlimited"/> means none.</returns>
    public (ulong Soft, ulong Hard) GetLimit(ResourceLimit limit) => _limits[limit];

    /// <summary>setrlimit(2).</summary>
    /// <param name="limit">Which limit.</param>
    /// <param name="soft">The value in force.</param>
    /// <param name="hard">The most that the soft value may be.</param>
    /// <exception cref="ErrnoException">EINVAL when soft is over hard, EPERM when others than root raise the hard limit, or anyone that of files over fs.nr_open.</exception>
    public void SetLimit(ResourceLimit limit, ulong soft, ulong hard)
    {
        Enter();
        if (soft > hard)
        {
            throw new ErrnoException(Errno.EINVAL);
        }

        if ((hard > _limits[limit].Hard && UserId != 0) || (limit == ResourceLimit.Nofile && hard > LimitTable.MaxOpenFiles))
        {
            throw new ErrnoException(Errno.EPERM);
        }

        _limits = _limits.With(limit, soft, hard);
        LimitsChanged();
    }

    internal void SetLimits(LimitTable limits)
    {
        _limits = limits;
        LimitsChanged();
    }

    /// <summary>What a program takes by itself replaces what the one before took and allocated. With the gate held.</summary>
    internal void SetBase(long bytes)
    {
        var change = bytes - ResidentBytes;
        BaseBytes = bytes;
        AllocatedBytes = 0;
        Container.ChangeMemory(change);
    }

    /// <summary>A write behind RLIMIT_FSIZE.</summary>
    /// <exception cref="ErrnoException">EFBIG, unless SIGXFSZ ends the process.</exception>
    internal void RaiseFileSizeLimit()
    {
        if (GetSignalAction(Signal.XFSZ) == SignalAction.Default)
        {
            // The caller holds the gate, so the rest of the ending happens elsewhere.
            if (BeginTermination(new ExitStatus((int)Signal.XFSZ, Signalled: true)))
            {
                ThreadPool.UnsafeQueueUserWorkItem(static process => process.FinishTermination(), this, preferLocal: false);
            }

            throw Dead();
        }

        Raise(Signal.XFSZ);
        throw new ErrnoException(Errno.EFBIG);
    }

    private void LimitsChanged()
    {
        _limitsCpu = _limits[ResourceLimit.Cpu].Soft != ResourceLimitSet.Unlimited;
        _credit = 0;
    }

    private void CheckCpuLimit()
    {
        long seconds;
        lock (_lock)
        {
            seconds = CpuTicks / Stopwatch.Frequency;
        }

        var (soft, hard) = _limits[ResourceLimit.Cpu];
        if ((ulong)seconds >= hard)
        {
            Raise(Signal.KILL);
        }
        else if ((ulong)seconds >= soft && !_cpuSignalled)
        {
            _cpuSignalled = true;
            Raise(Signal.XCPU);
        }

        ThrowIfDead();
    }

    private void ResumeCpuAtStart()
    {
        lock (_lock)
        {
            if (!_isDead)
            {
                _runningSince = _sliceStart = Stopwatch.GetTimestamp();
            }
        }
    }

    // With _lock held. The process runs while none of its flows waits.
    private void PauseCpu()
    {
        if (_waitCount++ == 0 && _runningSince != 0)
        {
            _cpuTicks += Stopwatch.GetTimestamp() - _runningSince;
            _runningSince = 0;
        }
    }

    private void ResumeCpu()
    {
        if (--_waitCount == 0 && !_isDead)
        {
            _runningSince = Stopwatch.GetTimestamp();
        }
    }

    private void StopCpu()
    {
        if (_runningSince != 0)
        {
            _cpuTicks += Stopwatch.GetTimestamp() - _runningSince;
            _runningSince = 0;
        }

        Container.AddCpu(_cpuTicks);
    }

    private void AddChildCpu(Process child)
    {
        lock (_lock)
        {
            _childCpuTicks += child._cpuTicks + child._childCpuTicks;
        }
    }
}
