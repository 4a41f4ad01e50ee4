using System.Numerics;

namespace Warden.Emulator.Machine;

// Signals (signal(7)), process groups and sessions.
public sealed partial class Process
{
    private uint _ignoredSignals;
    private uint _handledSignals;
    private uint _pendingSignals;

    // Signals that would end the process and came while it was stopped: they act when it is continued.
    private uint _heldSignals;

    /// <summary>Whether a signal waits for <see cref="TryTakeSignal"/>.</summary>
    public bool HasPendingSignal => Volatile.Read(ref _pendingSignals) != 0;

    /// <summary>
    /// kill(2): a process, 0 for the own group, -1 for all that may be signalled, -N for a group; <paramref name="signal"/> null only
    /// probes.
    /// </summary>
    /// <param name="processId">Whom to signal.</param>
    /// <param name="signal">The signal.</param>
    /// <exception cref="ErrnoException">ESRCH, EPERM.</exception>
    public void Kill(int processId, Signal? signal)
    {
        Enter();
        List<Process> targets = [];
        List<Process> killed = [];
        var found = false;
        lock (Container.Gate)
        {
            foreach (var process in Container.Table)
            {
                if (!IsTarget(process, processId))
                {
                    continue;
                }

                found = true;
                if (MaySignal(process, signal))
                {
                    targets.Add(process);
                }
            }

            if (signal == Signal.KILL)
            {
                // All are dead before the gate opens, so that none makes a child meanwhile that would get away.
                killed = targets.FindAll(process =>
                    process.Id != 1 && process.BeginTermination(new ExitStatus((int)Signal.KILL, Signalled: true)));
            }
        }

        foreach (var process in killed)
        {
            process.FinishTermination();
        }

        if (targets.Count == 0)
        {
            throw new ErrnoException(found ? Errno.EPERM : Errno.ESRCH);
        }

        if (signal is not { } sent)
        {
            return;
        }

        // The sender is the last to get it, so that all others have it when it ends by it.
        foreach (var process in targets)
        {
            if (process != this)
            {
                process.Raise(sent);
            }
        }

        if (targets.Contains(this))
        {
            Raise(sent);
            Enter();
        }
    }

    /// <summary>What the process does with a signal.</summary>
    /// <param name="signal">The signal.</param>
    /// <returns>The action.</returns>
    public SignalAction GetSignalAction(Signal signal)
    {
        lock (_lock)
        {
            return (_ignoredSignals & Bit(signal)) != 0 ? SignalAction.Ignore
                : (_handledSignals & Bit(signal)) != 0 ? SignalAction.Handle
                : SignalAction.Default;
        }
    }

    /// <summary>sigaction(2).</summary>
    /// <param name="signal">The signal.</param>
    /// <param name="action">What to do with it.</param>
    /// <exception cref="ErrnoException">EINVAL for KILL and STOP.</exception>
    public void SetSignalAction(Signal signal, SignalAction action)
    {
        Enter();
        if (signal is Signal.KILL or Signal.STOP || (int)signal is < 1 or > 31)
        {
            throw new ErrnoException(Errno.EINVAL);
        }

        var bit = Bit(signal);
        lock (_lock)
        {
            _ignoredSignals = action == SignalAction.Ignore ? _ignoredSignals | bit : _ignoredSignals & ~bit;
            _handledSignals = action == SignalAction.Handle ? _handledSignals | bit : _handledSignals & ~bit;
            if (action != SignalAction.Handle)
            {
                _pendingSignals &= ~bit;
            }
        }
    }

    /// <summary>Takes a signal that came while its action was <see cref="SignalAction.Handle"/>, the lowest first.</summary>
    /// <param name="signal">The signal.</param>
    /// <returns>Whether there was one.</returns>
    public bool TryTakeSignal(out Signal signal)
    {
        signal = default;
        if (_pendingSignals == 0)
        {
            return false;
        }

        lock (_lock)
        {
            if (_pendingSignals == 0)
            {
                return false;
            }

            signal = (Signal)(BitOperations.TrailingZeroCount(_pendingSignals) + 1);
            _pendingSignals &= ~Bit(signal);
            return true;
        }
    }

    /// <summary>setpgid(2).</summary>
    /// <param name="processId">The process or a child of it; 0 for itself.</param>
    /// <param name="group">The group; 0 for one with the process's id.</param>
    /// <exception cref="ErrnoException">ESRCH, EPERM, EINVAL.</exception>
    public void SetProcessGroup(int processId, int group)
    {
        Enter();
        if (group < 0)
        {
            throw new ErrnoException(Errno.EINVAL);
        }

        lock (Container.Gate)
        {
            var process = processId == 0 || processId == Id ? this : _children?.Find(child => child.Id == processId);
            if (process is null)
            {
                throw new ErrnoException(Errno.ESRCH);
            }

            var target = group == 0 ? process.Id : group;
            if (process.SessionId != SessionId || process.SessionId == process.Id
                || (target != process.Id && !Container.Table.Any(other => other.GroupId == target && other.SessionId == SessionId)))
            {
                throw new ErrnoException(Errno.EPERM);
            }

            process.GroupId = target;
        }
    }

    /// <summary>setsid(2).</summary>
    /// <returns>The new session, which is the process's id.</returns>
    /// <exception cref="ErrnoException">EPERM for the leader of a process group.</exception>
    public int NewSession()
    {
        Enter();
        lock (Container.Gate)
        {
            if (GroupId == Id)
            {
                throw new ErrnoException(Errno.EPERM);
            }

            return SessionId = GroupId = Id;
        }
    }

    /// <summary>Makes the process the leader of a session of its own, whatever it was before.</summary>
    internal void LeadSession() => SessionId = GroupId = Id;

    /// <summary>Delivers a signal from the kernel or from outside the container.</summary>
    internal void Raise(Signal signal)
    {
        if (Id == 1 || _isDead)
        {
            return;
        }

        var bit = Bit(signal);
        uint held;
        lock (_lock)
        {
            held = _heldSignals;
            if (signal is Signal.KILL or Signal.CONT)
            {
                Continue();
            }

            if (signal is not (Signal.KILL or Signal.STOP))
            {
                if ((_handledSignals & bit) != 0)
                {
                    _pendingSignals |= bit;
                    EndWaits(Wake.Signal);
                    signal = Signal.CONT;
                }
                else if ((_ignoredSignals & bit) != 0)
                {
                    signal = Signal.CONT;
                }
            }

            switch (signal)
            {
                case Signal.CONT when bit == Bit(Signal.CONT) && held != 0:
                    signal = (Signal)(BitOperations.TrailingZeroCount(held) + 1);
                    break;
                case Signal.CHLD or Signal.CONT or Signal.URG or Signal.WINCH:
                    return;
                case Signal.STOP or Signal.TSTP or Signal.TTIN or Signal.TTOU:
                    _isStopped = true;
                    _attention = true;
                    return;
                default:
                    if (_isStopped && signal != Signal.KILL)
                    {
                        _heldSignals |= bit;
                        return;
                    }

                    break;
            }
        }

        Terminate(new ExitStatus((int)signal, Signalled: true));
    }

    /// <summary>A write to a pipe that nobody reads.</summary>
    /// <exception cref="ErrnoException">EPIPE, unless SIGPIPE ends the process.</exception>
    internal void RaisePipe()
    {
        Raise(Signal.PIPE);
        ThrowIfDead();
        throw new ErrnoException(Errno.EPIPE);
    }

    private static uint Bit(Signal signal) => 1u << ((int)signal - 1);

    private bool IsTarget(Process process, int processId) => processId switch
    {
        > 0 => process.Id == processId,
        0 => process.GroupId == GroupId,
        -1 => process.Id != 1 && process != this,
        _ => process.GroupId == -processId,
    };

    private bool MaySignal(Process process, Signal? signal) =>
        UserId == 0 || UserId == process.UserId || (signal == Signal.CONT && SessionId == process.SessionId);

    private void Continue()
    {
        if (_isStopped)
        {
            _isStopped = false;
            _heldSignals = 0;
            _attention = _isDead;
            EndWaits(Wake.Ready);
        }
    }
}
