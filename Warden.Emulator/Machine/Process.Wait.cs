using System.Diagnostics.CodeAnalysis;

namespace Warden.Emulator.Machine;

// Waiting for children.
public sealed partial class Process
{
    private bool GetsNoZombies => GetSignalAction(Signal.CHLD) == SignalAction.Ignore;

    /// <summary>
    /// waitpid(2). Waits for a child (any, when <paramref name="processId"/> is null) and reaps it. Returns null when a handled signal came
    /// first and <paramref name="interruptible"/> is set.
    /// </summary>
    /// <param name="processId">The child; null for any, -N for one of a process group.</param>
    /// <param name="interruptible">Whether a handled signal ends the wait.</param>
    /// <returns>The child and how it ended.</returns>
    /// <exception cref="ErrnoException">ECHILD.</exception>
    public async ValueTask<(int ProcessId, ExitStatus Status)?> WaitAsync(int? processId, bool interruptible = false)
    {
        await CheckpointAsync().ConfigureAwait(false);
        while (true)
        {
            Waiter waiter;
            lock (Container.Gate)
            {
                if (TryReap(processId, out var ended))
                {
                    return (ended.Id, ended.Status);
                }

                waiter = new Waiter(interruptible);
                (_childWaiters ??= []).Add(waiter);
            }

            var wake = await BlockAsync(waiter).ConfigureAwait(false);
            if (interruptible && (Volatile.Read(ref _pendingSignals) & ~Bit(Signal.CHLD)) != 0)
            {
                // The signal came first, also where the child that sent it has ended by now.
                lock (Container.Gate)
                {
                    _childWaiters?.Remove(waiter);
                    return null;
                }
            }

            if (wake == Wake.Signal)
            {
                lock (Container.Gate)
                {
                    _childWaiters?.Remove(waiter);
                    return TryReap(processId, out var ended) ? (ended.Id, ended.Status) : null;
                }
            }
        }
    }

    /// <summary>waitpid(2) with WNOHANG: null while the child runs.</summary>
    /// <param name="processId">The child; null for any, -N for one of a process group.</param>
    /// <returns>The child and how it ended.</returns>
    /// <exception cref="ErrnoException">ECHILD.</exception>
    public (int ProcessId, ExitStatus Status)? TryWait(int? processId)
    {
        Enter();
        lock (Container.Gate)
        {
            return TryReap(processId, out var ended) ? (ended.Id, ended.Status) : null;
        }
    }

    private bool TryReap(int? processId, [NotNullWhen(true)] out Process? ended)
    {
        var any = false;
        foreach (var child in _children ?? [])
        {
            if (processId is { } id && id != -1 && child.Id != id && child.GroupId != -id && !(id == 0 && child.GroupId == GroupId))
            {
                continue;
            }

            any = true;
            if (child._isZombie)
            {
                _children!.Remove(child);
                Container.Remove(child);
                AddChildCpu(child);
                ended = child;
                return true;
            }
        }

        ended = null;
        return any ? false : throw new ErrnoException(Errno.ECHILD);
    }

    // With the gate held.
    private void WakeChildWaiters()
    {
        foreach (var waiter in _childWaiters ?? [])
        {
            waiter.End(Wake.Ready);
        }

        _childWaiters?.Clear();
    }
}
