using Warden.Spec.Backend;

namespace Warden.Emulator.Machine;

// The account of memory, and what happens when it is exceeded.
public sealed partial class EmulatedContainer
{
    private const long PageSize = 4096;

    // The notification comes after the kill, so that the killed process's parent goes on first.
    private static readonly TimeSpan NotificationDelay = TimeSpan.FromMilliseconds(100);

    private readonly TaskCompletionSource _outOfMemory = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _privateBytes;
    private long _sharedBytes;
    private long _peakBytes;
    private long _pagesIn;
    private ulong _memoryLimit = ContainerStatistics.UnlimitedMemory;
    private ITimer? _outOfMemoryTimer;

    /// <summary>Completes when the container has run out of memory for the first time, shortly after a process was killed for it.</summary>
    internal Task OutOfMemory => _outOfMemory.Task;

    /// <summary>Bytes that its processes and the files of its tmpfs take.</summary>
    internal long MemoryBytes
    {
        get
        {
            lock (Gate)
            {
                return _privateBytes + _sharedBytes;
            }
        }
    }

    /// <summary>Bytes in the files of its tmpfs; with the gate held.</summary>
    internal long SharedBytes => _sharedBytes;

    /// <summary>The limit in bytes.</summary>
    internal ulong MemoryLimit
    {
        get
        {
            lock (Gate)
            {
                return _memoryLimit;
            }
        }
    }

    /// <summary>Sets the limit, rounded up to a page; false when more is in use.</summary>
    internal bool TrySetMemoryLimit(ulong bytes)
    {
        var rounded = bytes >= ContainerStatistics.UnlimitedMemory
            ? ContainerStatistics.UnlimitedMemory
            : (bytes + PageSize - 1) / PageSize * PageSize;
        lock (Gate)
        {
            if ((ulong)(_privateBytes + _sharedBytes) > rounded)
            {
                return false;
            }

            _memoryLimit = rounded;
            return true;
        }
    }

    /// <summary>The fields of the memory controller by their names in protocol.md §2.</summary>
    internal IReadOnlyList<KeyValuePair<string, ulong>> MeasureMemory()
    {
        ulong rss;
        ulong shared;
        ulong file;
        ulong pages;
        ulong limit;
        lock (Gate)
        {
            rss = (ulong)_privateBytes;
            shared = (ulong)_sharedBytes;
            file = (ulong)(Disk.CapacityBlocks - Disk.FreeBlocks) * FileSystem.DiskAccount.BlockSize;
            pages = (ulong)_pagesIn;
            limit = _memoryLimit;
        }

        var current = (rss + shared) / PageSize;
        ulong[] values =
        [
            shared + file, rss, 0, pages, pages - Math.Min(pages, current), 0, pages, 0, shared, rss, file, 0, 0,
        ];
        ReadOnlySpan<string> names =
        [
            "cache", "rss", "mapped_file", "pgpgin", "pgpgout", "swap", "pgfault", "pgmajfault", "inactive_anon", "active_anon",
            "inactive_file", "active_file", "unevictable",
        ];
        var fields = new List<KeyValuePair<string, ulong>>(2 + (2 * names.Length));
        for (var i = 0; i < names.Length; i++)
        {
            fields.Add(new(names[i], values[i]));
        }

        fields.Add(new("hierarchical_memory_limit", limit));
        fields.Add(new("hierarchical_memsw_limit", limit));
        for (var i = 0; i < names.Length; i++)
        {
            fields.Add(new("total_" + names[i], values[i]));
        }

        return fields;
    }

    /// <summary>Accounts memory that a process allocates.</summary>
    /// <exception cref="OperationCanceledException">The process was killed for it.</exception>
    internal void ChargePrivate(Process process, long bytes)
    {
        lock (Gate)
        {
            if (!process.IsAlive)
            {
                throw new OperationCanceledException("The process was killed.");
            }

            process.AllocatedBytes += bytes;
            ChangeMemory(bytes);
        }

        process.Checkpoint();
    }

    /// <summary>Gives back memory that a process allocated.</summary>
    internal void FreePrivate(Process process, long bytes)
    {
        lock (Gate)
        {
            var freed = Math.Min(bytes, process.AllocatedBytes);
            process.AllocatedBytes -= freed;
            ChangeMemory(-freed);
        }
    }

    /// <summary>Accounts the content of a tmpfs. With the gate held.</summary>
    internal void ChargeShared(Process? process, long bytes)
    {
        _sharedBytes += bytes;
        if (bytes > 0)
        {
            _pagesIn += bytes / PageSize;
            KillWhileOverLimit();
            if (process is { IsAlive: false })
            {
                _sharedBytes -= bytes;
                process.Checkpoint();
            }
        }
    }

    /// <summary>Accounts a change of what processes take, and kills when it is too much. With the gate held.</summary>
    internal void ChangeMemory(long bytes)
    {
        _privateBytes += bytes;
        if (bytes > 0)
        {
            _pagesIn += bytes / PageSize;
            KillWhileOverLimit();
        }
    }

    /// <summary>Gives back all that a process took.</summary>
    internal void ReleaseMemory(Process process)
    {
        lock (Gate)
        {
            _privateBytes -= process.ResidentBytes;
            process.BaseBytes = process.AllocatedBytes = 0;
        }
    }

    private void KillWhileOverLimit()
    {
        _peakBytes = Math.Max(_peakBytes, _privateBytes + _sharedBytes);
        while ((ulong)(_privateBytes + _sharedBytes) > _memoryLimit)
        {
            Process? largest = null;
            foreach (var process in _processes.Values)
            {
                if (process.Id != 1 && process.IsAlive && (largest is null || process.ResidentBytes > largest.ResidentBytes))
                {
                    largest = process;
                }
            }

            if (largest is null || !largest.BeginTermination(new ExitStatus((int)Signal.KILL, Signalled: true)))
            {
                return;
            }

            // The gate is held here, and files are closed without it.
            ThreadPool.UnsafeQueueUserWorkItem(static victim => victim.FinishTermination(), largest, preferLocal: false);
            _outOfMemoryTimer ??= Clock.CreateTimer(
                static state => ((TaskCompletionSource)state!).TrySetResult(), _outOfMemory, NotificationDelay, Timeout.InfiniteTimeSpan);
        }
    }
}
