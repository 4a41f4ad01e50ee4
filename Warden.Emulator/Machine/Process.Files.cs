using Warden.Emulator.FileSystem;

namespace Warden.Emulator.Machine;

// Opening and looking at files. Relative paths start at CurrentDirectory.
public sealed partial class Process
{
    private const int PermissionBits = 0xFFF;
    private int _umask = 0x12;

    /// <summary>The path of the current directory.</summary>
    public string CurrentDirectory
    {
        get
        {
            lock (Container.Gate)
            {
                return WorkingDirectory.Path;
            }
        }
    }

    /// <summary>The permission bits that new files do not get.</summary>
    public int Umask
    {
        get => _umask;
        set => _umask = value & 0x1FF;
    }

    /// <summary>chdir(2).</summary>
    /// <param name="path">The directory.</param>
    /// <exception cref="ErrnoException">ENOENT, ENOTDIR, EACCES, …</exception>
    public void ChangeDirectory(string path)
    {
        lock (Lock())
        {
            var directory = Find(path) as DirectoryInode ?? throw new ErrnoException(Errno.ENOTDIR);
            Permissions.Require(this, directory, Permissions.Execute);
            WorkingDirectory = directory;
        }
    }

    /// <summary>open(2). Waits for the other end of a FIFO.</summary>
    /// <param name="path">The path.</param>
    /// <param name="flags">How.</param>
    /// <param name="mode">Permission bits of a new file, before the umask.</param>
    /// <returns>The descriptor.</returns>
    /// <exception cref="ErrnoException">ENOENT, EACCES, EISDIR, EEXIST, ENOTDIR, EROFS, ELOOP, EMFILE, ENXIO, EDQUOT, …</exception>
    public async ValueTask<int> OpenAsync(string path, OpenFlags flags, int mode = 0x1B6)
    {
        await CheckpointAsync().ConfigureAwait(false);
        var (node, fullPath) = FindToOpen(path, flags, mode);
        var file = await node.OpenAsync(this, flags, fullPath).ConfigureAwait(false);
        try
        {
            return Install(file);
        }
        catch
        {
            file.Hold().Release();
            throw;
        }
    }

    /// <summary>stat(2).</summary>
    /// <param name="path">The path; a symbolic link is followed.</param>
    /// <returns>What the file is.</returns>
    /// <exception cref="ErrnoException">ENOENT, EACCES, …</exception>
    public FileStatus Stat(string path)
    {
        lock (Lock())
        {
            return Find(path).Status;
        }
    }

    /// <summary>lstat(2).</summary>
    /// <param name="path">The path; a symbolic link at its end is not followed.</param>
    /// <returns>What the file is.</returns>
    /// <exception cref="ErrnoException">ENOENT, EACCES, …</exception>
    public FileStatus LinkStat(string path)
    {
        lock (Lock())
        {
            return PathWalk.Resolve(this, path, follow: false).Existing.Status;
        }
    }

    /// <summary>access(2): false as well when there is no such file.</summary>
    /// <param name="path">The path.</param>
    /// <param name="read">Whether reading is asked for.</param>
    /// <param name="write">Whether writing is asked for.</param>
    /// <param name="execute">Whether executing, or searching a directory, is asked for.</param>
    /// <returns>Whether all of it is allowed.</returns>
    public bool CanAccess(string path, bool read = false, bool write = false, bool execute = false)
    {
        var wanted = (read ? Permissions.Read : 0) | (write ? Permissions.Write : 0) | (execute ? Permissions.Execute : 0);
        lock (Lock())
        {
            try
            {
                var node = Find(path);
                return Permissions.Allows(this, node, wanted)
                    && !(write && node.Volume.IsReadOnly && node.Kind is FileKind.Regular or FileKind.Directory);
            }
            catch (ErrnoException)
            {
                return false;
            }
        }
    }

    /// <summary>The entries of a directory, without . and ..</summary>
    /// <param name="path">The directory.</param>
    /// <returns>The entries, in the order of their creation.</returns>
    /// <exception cref="ErrnoException">ENOENT, ENOTDIR, EACCES, …</exception>
    public IReadOnlyList<DirectoryEntry> ReadDirectory(string path)
    {
        lock (Lock())
        {
            var directory = Find(path) as DirectoryInode ?? throw new ErrnoException(Errno.ENOTDIR);
            Permissions.Require(this, directory, Permissions.Read);
            return directory.List(this);
        }
    }

    /// <summary>readlink(2).</summary>
    /// <param name="path">The link.</param>
    /// <returns>Its target.</returns>
    /// <exception cref="ErrnoException">EINVAL when it is no symbolic link, ENOENT, …</exception>
    public string ReadLink(string path)
    {
        lock (Lock())
        {
            return PathWalk.Resolve(this, path, follow: false).Existing is ISymbolicLink link
                ? link.Target
                : throw new ErrnoException(Errno.EINVAL);
        }
    }

    /// <summary>realpath(3).</summary>
    /// <param name="path">The path.</param>
    /// <returns>The absolute path of the same file without symbolic links, . and ..</returns>
    /// <exception cref="ErrnoException">ENOENT, EACCES, ELOOP, …</exception>
    public string RealPath(string path)
    {
        lock (Lock())
        {
            var place = PathWalk.Resolve(this, path, follow: true);
            return place.Node is null ? throw new ErrnoException(Errno.ENOENT) : place.Path;
        }
    }

    /// <summary>statfs(2).</summary>
    /// <param name="path">A file on the file system.</param>
    /// <returns>The file system.</returns>
    /// <exception cref="ErrnoException">ENOENT, EACCES, …</exception>
    public FileSystemStatus StatFileSystem(string path)
    {
        lock (Lock())
        {
            return Find(path).Volume.Measure();
        }
    }

    // The gate, for a call that the process may make.
    private object Lock()
    {
        Enter();
        return Container.Gate;
    }

    private Inode Find(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return PathWalk.Resolve(this, path, follow: true).Existing;
    }

    private (Inode Node, string Path) FindToOpen(string path, OpenFlags flags, int mode)
    {
        ArgumentNullException.ThrowIfNull(path);
        var exclusive = (flags & (OpenFlags.Create | OpenFlags.Exclusive)) == (OpenFlags.Create | OpenFlags.Exclusive);
        lock (Lock())
        {
            var place = PathWalk.Resolve(this, path, follow: !exclusive && (flags & OpenFlags.NoFollow) == 0);
            if (place.Node is { } node)
            {
                if (exclusive)
                {
                    throw new ErrnoException(Errno.EEXIST);
                }

                RequireOpenable(place, node, flags);
                if ((flags & OpenFlags.Truncate) != 0 && node.Kind == FileKind.Regular)
                {
                    node.Truncate(this, 0);
                }

                return (node, place.Path);
            }

            if ((flags & OpenFlags.Create) == 0)
            {
                throw new ErrnoException(Errno.ENOENT);
            }

            if (place.TrailingSlash)
            {
                throw new ErrnoException(Errno.EISDIR);
            }

            Permissions.RequireChange(this, place.Directory);
            var made = place.Directory.Create(this, place.Name, FileKind.Regular, mode & ~_umask & PermissionBits, default);
            return (made, place.Path);
        }
    }

    private void RequireOpenable(Place place, Inode node, OpenFlags flags)
    {
        if (node is ISymbolicLink)
        {
            throw new ErrnoException(Errno.ELOOP);
        }

        var writes = (flags & (OpenFlags.Write | OpenFlags.Truncate)) != 0;
        if (node.Kind == FileKind.Directory)
        {
            if (writes || (flags & OpenFlags.Create) != 0)
            {
                throw new ErrnoException(Errno.EISDIR);
            }
        }
        else if ((flags & OpenFlags.Directory) != 0 || place.TrailingSlash)
        {
            throw new ErrnoException(Errno.ENOTDIR);
        }

        // As Linux does: a file to be cut asks the mount first, any other one its mode.
        if ((flags & OpenFlags.Truncate) != 0 && node.Kind == FileKind.Regular)
        {
            node.RequireWritable();
        }

        var wanted = ((flags & OpenFlags.Read) != 0 ? Permissions.Read : 0) | (writes ? Permissions.Write : 0);
        Permissions.Require(this, node, wanted);
        if (writes && node.Kind == FileKind.Regular)
        {
            node.RequireWritable();
        }
    }
}
