using Warden.Emulator.FileSystem;

namespace Warden.Emulator.Machine;

/// <summary>
/// A pipe or FIFO (pipe(7)): 64 KiB between any number of writers and readers. Writes of up to 4096 bytes are not split.
/// </summary>
/// <param name="number">The inode's number.</param>
internal sealed class Pipe(long number)
{
    private const int Capacity = 1 << 16;
    private const int Atomic = 4096;
    private const int FirstSize = 4096;

    private readonly Lock _lock = new();
    private readonly List<Waiter> _waitingReaders = [];
    private readonly List<Waiter> _waitingWriters = [];
    private readonly List<Waiter> _opening = [];
    private byte[] _buffer = [];
    private int _start;
    private int _count;
    private int _readers;
    private int _writers;

    // How many readers and writers were ever there: an open of a FIFO that waits is satisfied by one that came and went.
    private int _readersSeen;
    private int _writersSeen;

    /// <summary>What /proc shows.</summary>
    internal string Name => $"pipe:[{number}]";

    /// <summary>The inode's number.</summary>
    internal long Number => number;

    /// <summary>Bytes that wait to be read.</summary>
    internal int Count
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    /// <summary>Makes both ends.</summary>
    internal (PipeEnd Read, PipeEnd Write) OpenBoth(Process maker)
    {
        _readers = _writers = 1;
        return (new PipeEnd(this, OpenFlags.Read, maker, null, null), new PipeEnd(this, OpenFlags.Write, maker, null, null));
    }

    /// <summary>Opens an end of a FIFO: waits for the other one (fifo(7)).</summary>
    internal async ValueTask<OpenFile> OpenFifoAsync(Process process, OpenFlags flags, string path, Inode inode)
    {
        var access = flags & (OpenFlags.Read | OpenFlags.Write);
        var nonBlocking = (flags & OpenFlags.NonBlocking) != 0;
        int readersSeen;
        int writersSeen;
        lock (_lock)
        {
            if (access == OpenFlags.Write && nonBlocking && _readers == 0)
            {
                throw new ErrnoException(Errno.ENXIO);
            }

            Add(access);
            (readersSeen, writersSeen) = (_readersSeen, _writersSeen);
            Wake(_opening);
        }

        var end = new PipeEnd(this, access | (flags & OpenFlags.NonBlocking), process, path, inode);
        try
        {
            while (!nonBlocking)
            {
                Waiter waiter;
                lock (_lock)
                {
                    var met = access switch
                    {
                        OpenFlags.Read => _writers > 0 || _writersSeen != writersSeen,
                        OpenFlags.Write => _readers > 0 || _readersSeen != readersSeen,
                        _ => true,
                    };
                    if (met)
                    {
                        break;
                    }

                    waiter = new Waiter(interruptible: false);
                    _opening.Add(waiter);
                }

                await process.BlockAsync(waiter).ConfigureAwait(false);
            }
        }
        catch
        {
            Remove(access);
            throw;
        }

        return end;
    }

    internal ValueTask<int> ReadAsync(Process process, Memory<byte> buffer, bool nonBlocking)
    {
        Waiter waiter;
        lock (_lock)
        {
            if (TryRead(buffer.Span, out var count))
            {
                return new(count);
            }

            waiter = AwaitReadable(nonBlocking);
        }

        return WaitAndReadAsync(process, buffer, waiter, nonBlocking);
    }

    internal ValueTask WriteAsync(Process process, ReadOnlyMemory<byte> data, bool nonBlocking)
    {
        Waiter? waiter;
        bool broken;
        lock (_lock)
        {
            broken = _readers == 0;
            if (!broken && Write(ref data))
            {
                return default;
            }

            waiter = broken ? null : AwaitWritable(nonBlocking);
        }

        if (broken)
        {
            process.RaisePipe();
        }

        return WaitAndWriteAsync(process, data, waiter!, nonBlocking);
    }

    internal void Remove(OpenFlags access)
    {
        lock (_lock)
        {
            if ((access & OpenFlags.Read) != 0 && --_readers == 0)
            {
                Wake(_waitingWriters);
                if (_writers == 0)
                {
                    _count = 0;
                }
            }

            if ((access & OpenFlags.Write) != 0 && --_writers == 0)
            {
                Wake(_waitingReaders);
            }

            if (_readers == 0 && _writers == 0)
            {
                (_buffer, _start, _count) = ([], 0, 0);
            }
        }
    }

    private static void Wake(List<Waiter> waiters)
    {
        foreach (var waiter in waiters)
        {
            waiter.End(Machine.Wake.Ready);
        }

        waiters.Clear();
    }

    private void Add(OpenFlags access)
    {
        if ((access & OpenFlags.Read) != 0)
        {
            _readers++;
            _readersSeen++;
        }

        if ((access & OpenFlags.Write) != 0)
        {
            _writers++;
            _writersSeen++;
        }
    }

    private async ValueTask<int> WaitAndReadAsync(Process process, Memory<byte> buffer, Waiter waiter, bool nonBlocking)
    {
        while (true)
        {
            await process.BlockAsync(waiter).ConfigureAwait(false);
            lock (_lock)
            {
                if (TryRead(buffer.Span, out var count))
                {
                    return count;
                }

                waiter = AwaitReadable(nonBlocking);
            }
        }
    }

    private async ValueTask WaitAndWriteAsync(Process process, ReadOnlyMemory<byte> data, Waiter waiter, bool nonBlocking)
    {
        while (true)
        {
            await process.BlockAsync(waiter).ConfigureAwait(false);
            lock (_lock)
            {
                if (_readers > 0)
                {
                    if (Write(ref data))
                    {
                        return;
                    }

                    waiter = AwaitWritable(nonBlocking);
                    continue;
                }
            }

            process.RaisePipe();
        }
    }

    private Waiter AwaitReadable(bool nonBlocking)
    {
        if (nonBlocking)
        {
            throw new ErrnoException(Errno.EAGAIN);
        }

        var waiter = new Waiter(interruptible: false);
        _waitingReaders.Add(waiter);
        return waiter;
    }

    private Waiter AwaitWritable(bool nonBlocking)
    {
        if (nonBlocking)
        {
            throw new ErrnoException(Errno.EAGAIN);
        }

        var waiter = new Waiter(interruptible: false);
        _waitingWriters.Add(waiter);
        return waiter;
    }

    private bool TryRead(Span<byte> buffer, out int count)
    {
        count = Math.Min(buffer.Length, _count);
        if (count == 0)
        {
            return _writers == 0 || buffer.IsEmpty;
        }

        var first = Math.Min(count, _buffer.Length - _start);
        _buffer.AsSpan(_start, first).CopyTo(buffer);
        _buffer.AsSpan(0, count - first).CopyTo(buffer[first..]);
        _count -= count;
        _start = _count == 0 ? 0 : (_start + count) % _buffer.Length;

        // A writer is woken when there is room for an undivided write: waking it for every byte would cost a switch a byte.
        if (_waitingWriters.Count > 0 && Capacity - _count >= Atomic)
        {
            Wake(_waitingWriters);
        }

        return true;
    }

    // Writes what there is room for; true when all of it is written.
    private bool Write(ref ReadOnlyMemory<byte> data)
    {
        var room = Capacity - _count;
        if (data.Length <= Atomic && room < data.Length)
        {
            return false;
        }

        var count = Math.Min(room, data.Length);
        if (count > 0)
        {
            Grow(_count + count);
            var end = (_start + _count) % _buffer.Length;
            var first = Math.Min(count, _buffer.Length - end);
            data.Span[..first].CopyTo(_buffer.AsSpan(end));
            data.Span[first..count].CopyTo(_buffer);
            _count += count;
            data = data[count..];
            Wake(_waitingReaders);
        }

        return data.IsEmpty;
    }

    private void Grow(int needed)
    {
        if (needed <= _buffer.Length)
        {
            return;
        }

        var grown = GC.AllocateUninitializedArray<byte>(needed <= FirstSize ? FirstSize : needed <= 4 * FirstSize ? 4 * FirstSize : Capacity);
        var first = Math.Min(_count, _buffer.Length - _start);
        _buffer.AsSpan(_start, first).CopyTo(grown);
        _buffer.AsSpan(0, _count - first).CopyTo(grown.AsSpan(first));
        (_buffer, _start) = (grown, 0);
    }
}

/// <summary>An open end of a pipe, or of a FIFO.</summary>
internal sealed class PipeEnd(Pipe pipe, OpenFlags flags, Process maker, string? path, Inode? inode) : OpenFile
{
    private readonly DateTimeOffset _made = maker.Clock.GetUtcNow();
    private readonly (uint User, uint Group) _owner = (maker.UserId, maker.PrimaryGroupId);

    public override FileStatus Status
    {
        get
        {
            if (inode is not null)
            {
                lock (inode.Volume.Container.Gate)
                {
                    return inode.Status;
                }
            }

            return new()
            {
                Kind = FileKind.Fifo,
                Mode = 0x180,
                UserId = _owner.User,
                GroupId = _owner.Group,
                Size = 0,
                Inode = pipe.Number,
                Device = 13,
                Modified = _made,
                Changed = _made,
                Accessed = _made,
            };
        }
    }

    public override string Name => path ?? pipe.Name;

    internal override Inode? Inode => inode;

    /// <summary>Bytes that wait to be read.</summary>
    internal int Available => pipe.Count;

    private bool IsNonBlocking => (flags & OpenFlags.NonBlocking) != 0;

    public override ValueTask<int> ReadAsync(Process process, Memory<byte> buffer) => (flags & OpenFlags.Read) == 0
        ? throw new ErrnoException(Errno.EBADF)
        : pipe.ReadAsync(process, buffer, IsNonBlocking);

    public override ValueTask WriteAsync(Process process, ReadOnlyMemory<byte> data) => (flags & OpenFlags.Write) == 0
        ? throw new ErrnoException(Errno.EBADF)
        : pipe.WriteAsync(process, data, IsNonBlocking);

    protected internal override void OnClosed() => pipe.Remove(flags);
}
