namespace Warden.Emulator.Machine;

/// <summary>
/// An open file description (open(2)): what descriptors of one or several processes point to. A description is closed when its last
/// descriptor is.
/// </summary>
public abstract class OpenFile
{
    private int _references;

    /// <summary>Reads at the description's offset, at least one byte, waiting for it; 0 at the end.</summary>
    /// <exception cref="ErrnoException">EBADF when not open for reading, EISDIR, …</exception>
    public virtual ValueTask<int> ReadAsync(Process process, Memory<byte> buffer) => throw new ErrnoException(Errno.EBADF);

    /// <summary>Writes all of the buffer, waiting for room where there is none. The data is copied before this returns.</summary>
    /// <exception cref="ErrnoException">EPIPE (after SIGPIPE), EDQUOT, EFBIG, ENOSPC, EBADF, …; what was written before stays written.</exception>
    public virtual ValueTask WriteAsync(Process process, ReadOnlyMemory<byte> data) => throw new ErrnoException(Errno.EBADF);

    /// <summary>Moves the offset (lseek(2)) and returns it from the file's beginning.</summary>
    /// <exception cref="ErrnoException">ESPIPE for pipes, sockets and terminals.</exception>
    public virtual long Seek(long offset, SeekOrigin origin) => throw new ErrnoException(Errno.ESPIPE);

    /// <summary>Sets the file's length (ftruncate(2)).</summary>
    public virtual void Truncate(Process process, long length) => throw new ErrnoException(Errno.EINVAL);

    /// <summary>What fstat(2) says.</summary>
    public abstract FileSystem.FileStatus Status { get; }

    /// <summary>The entries of an open directory, without . and .., in the order of their creation.</summary>
    public virtual IReadOnlyList<FileSystem.DirectoryEntry> ReadDirectory(Process process) => throw new ErrnoException(Errno.ENOTDIR);

    /// <summary>What /proc/self/fd/N links to: a path, "pipe:[N]", "socket:[N]".</summary>
    public abstract string Name { get; }

    /// <summary>The file of the tree that is open, if it is one.</summary>
    internal virtual FileSystem.Inode? Inode => null;

    /// <summary>Whether this is a terminal.</summary>
    public virtual bool IsTerminal => false;

    /// <summary>Called when the last descriptor was closed.</summary>
    protected internal virtual void OnClosed()
    {
    }

    /// <summary>One more descriptor points here.</summary>
    internal OpenFile Hold()
    {
        Interlocked.Increment(ref _references);
        return this;
    }

    /// <summary>A descriptor that pointed here is closed.</summary>
    internal void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            OnClosed();
        }
    }
}
