namespace Warden.Emulator.Machine;

/// <summary>The descriptors of a process. Another process may close all of them by killing it, so they are locked.</summary>
internal sealed class DescriptorTable
{
    private readonly Lock _lock = new();
    private Slot[] _slots = [];
    private bool _isClosed;

    /// <summary>The open descriptors, ascending.</summary>
    internal IReadOnlyList<int> Open
    {
        get
        {
            lock (_lock)
            {
                var open = new List<int>(_slots.Length);
                for (var fd = 0; fd < _slots.Length; fd++)
                {
                    if (_slots[fd].File is not null)
                    {
                        open.Add(fd);
                    }
                }

                return open;
            }
        }
    }

    internal OpenFile? Find(int fd)
    {
        lock (_lock)
        {
            return (uint)fd < (uint)_slots.Length ? _slots[fd].File : null;
        }
    }

    /// <summary>The descriptor that <see cref="Add"/> would give.</summary>
    internal int LowestFree(int lowest)
    {
        lock (_lock)
        {
            return FindFree(lowest);
        }
    }

    /// <summary>Puts a file at the lowest free descriptor that is not under <paramref name="lowest"/>.</summary>
    /// <exception cref="ErrnoException">EMFILE when that would reach <paramref name="limit"/>.</exception>
    internal int Add(OpenFile file, int lowest, bool closeOnExec, ulong limit)
    {
        lock (_lock)
        {
            var fd = FindFree(lowest);
            if ((ulong)fd >= limit)
            {
                throw new ErrnoException(Errno.EMFILE);
            }

            ThrowIfClosed();
            Set(fd, new Slot(file.Hold(), closeOnExec));
            return fd;
        }
    }

    /// <summary>Puts a file at a descriptor, in place of what is there.</summary>
    internal void Replace(int fd, OpenFile file, bool closeOnExec)
    {
        OpenFile? old;
        lock (_lock)
        {
            ThrowIfClosed();
            old = (uint)fd < (uint)_slots.Length ? _slots[fd].File : null;
            Set(fd, new Slot(file.Hold(), closeOnExec));
        }

        old?.Release();
    }

    /// <summary>Closes a descriptor; false when it is not open.</summary>
    internal bool Close(int fd)
    {
        OpenFile? file;
        lock (_lock)
        {
            if ((uint)fd >= (uint)_slots.Length || _slots[fd].File is null)
            {
                return false;
            }

            file = _slots[fd].File;
            _slots[fd] = default;
        }

        file!.Release();
        return true;
    }

    /// <summary>Sets the close-on-exec flag; false when the descriptor is not open.</summary>
    internal bool SetCloseOnExec(int fd, bool value)
    {
        lock (_lock)
        {
            if ((uint)fd >= (uint)_slots.Length || _slots[fd].File is null)
            {
                return false;
            }

            _slots[fd] = _slots[fd] with { CloseOnExec = value };
            return true;
        }
    }

    /// <summary>Closes what is marked close-on-exec.</summary>
    internal void CloseMarked()
    {
        for (var fd = 0; fd < _slots.Length; fd++)
        {
            if (_slots[fd].CloseOnExec)
            {
                Close(fd);
            }
        }
    }

    /// <summary>Closes everything; nothing can be opened any more.</summary>
    internal void CloseAll()
    {
        Slot[] slots;
        lock (_lock)
        {
            slots = _slots;
            _slots = [];
            _isClosed = true;
        }

        foreach (var slot in slots)
        {
            slot.File?.Release();
        }
    }

    /// <summary>A table with the same descriptors, as a child has it.</summary>
    internal DescriptorTable Copy()
    {
        var copy = new DescriptorTable();
        lock (_lock)
        {
            var count = _slots.Length;
            while (count > 0 && _slots[count - 1].File is null)
            {
                count--;
            }

            copy._slots = _slots.AsSpan(0, count).ToArray();
            foreach (var slot in copy._slots)
            {
                slot.File?.Hold();
            }
        }

        return copy;
    }

    private int FindFree(int lowest)
    {
        var fd = lowest;
        while (fd < _slots.Length && _slots[fd].File is not null)
        {
            fd++;
        }

        return fd;
    }

    private void Set(int fd, Slot slot)
    {
        if (fd >= _slots.Length)
        {
            Array.Resize(ref _slots, Math.Max(fd + 1, _slots.Length == 0 ? 4 : Math.Min(_slots.Length * 2, fd + 1024)));
        }

        _slots[fd] = slot;
    }

    private void ThrowIfClosed()
    {
        if (_isClosed)
        {
            throw new OperationCanceledException("The process was killed.");
        }
    }

    private readonly record struct Slot(OpenFile? File, bool CloseOnExec);
}
