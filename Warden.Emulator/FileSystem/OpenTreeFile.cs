using Warden.Emulator.Machine;

namespace Warden.Emulator.FileSystem;

/// <summary>A regular file that is open.</summary>
internal sealed class OpenTreeFile(TreeFile file, OpenFlags flags, string path) : OpenFile
{
    private long _offset;

    public override FileStatus Status
    {
        get
        {
            lock (Gate)
            {
                return file.Status;
            }
        }
    }

    public override string Name => file.Links == 0 ? path + " (deleted)" : path;

    internal override Inode Inode => file;

    private object Gate => file.Volume.Container.Gate;

    public override ValueTask<int> ReadAsync(Process process, Memory<byte> buffer)
    {
        if ((flags & OpenFlags.Read) == 0)
        {
            throw new ErrnoException(Errno.EBADF);
        }

        lock (Gate)
        {
            var count = file.Read(_offset, buffer.Span);
            _offset += count;
            return new(count);
        }
    }

    public override ValueTask WriteAsync(Process process, ReadOnlyMemory<byte> data)
    {
        if ((flags & OpenFlags.Write) == 0)
        {
            throw new ErrnoException(Errno.EBADF);
        }

        lock (Gate)
        {
            if ((flags & OpenFlags.Append) != 0)
            {
                _offset = file.Length;
            }

            file.Write(process, _offset, data.Span);
            _offset += data.Length;
        }

        return default;
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        lock (Gate)
        {
            var target = origin switch
            {
                SeekOrigin.Begin => offset,
                SeekOrigin.Current => unchecked(_offset + offset),
                _ => unchecked(file.Length + offset),
            };
            if (target < 0 || target > FileContent.MaxLength)
            {
                throw new ErrnoException(Errno.EINVAL);
            }

            return _offset = target;
        }
    }

    public override void Truncate(Process process, long length)
    {
        if ((flags & OpenFlags.Write) == 0)
        {
            throw new ErrnoException(Errno.EINVAL);
        }

        lock (Gate)
        {
            file.Truncate(process, length);
        }
    }

    protected internal override void OnClosed()
    {
        lock (Gate)
        {
            file.Closed();
        }
    }
}

/// <summary>A directory that is open.</summary>
internal sealed class OpenDirectory(DirectoryInode directory) : OpenFile
{
    public override FileStatus Status
    {
        get
        {
            lock (Gate)
            {
                return directory.Status;
            }
        }
    }

    public override string Name
    {
        get
        {
            lock (Gate)
            {
                return directory.Path;
            }
        }
    }

    internal override Inode Inode => directory;

    /// <summary>Whether it lists descriptors.</summary>
    internal bool IsDescriptors => directory is ProcDirectory { Name: "fd" };

    private object Gate => directory.Volume.Container.Gate;

    public override ValueTask<int> ReadAsync(Process process, Memory<byte> buffer) => throw new ErrnoException(Errno.EISDIR);

    public override long Seek(long offset, SeekOrigin origin) => 0;

    public override IReadOnlyList<DirectoryEntry> ReadDirectory(Process process)
    {
        lock (Gate)
        {
            return directory.List(process);
        }
    }
}
