using Warden.Emulator.FileSystem;

namespace Warden.Emulator.Machine;

// Changing the tree.
public sealed partial class Process
{
    /// <summary>mkdir(2).</summary>
    /// <param name="path">The directory to make.</param>
    /// <param name="mode">Permission bits, before the umask.</param>
    /// <exception cref="ErrnoException">EEXIST, ENOENT, EACCES, EDQUOT, EROFS, …</exception>
    public void MakeDirectory(string path, int mode = 0x1FF)
    {
        lock (Lock())
        {
            var place = FindFree(path, allowSlash: true);
            place.Directory.CreateDirectory(this, place.Name, mode & ~_umask & PermissionBits);
        }
    }

    /// <summary>rmdir(2).</summary>
    /// <param name="path">The directory, which must be empty.</param>
    /// <exception cref="ErrnoException">ENOTEMPTY, ENOTDIR, ENOENT, EACCES, EPERM, EBUSY (a mount point), EINVAL (.), …</exception>
    public void RemoveDirectory(string path)
    {
        lock (Lock())
        {
            var place = PathWalk.Resolve(this, path, follow: false);
            if (place.IsSelf)
            {
                throw new ErrnoException(place.Name == "." ? Errno.EINVAL : place.Name == "/" ? Errno.EBUSY : Errno.ENOTEMPTY);
            }

            var node = place.Existing;
            Permissions.RequireRemoval(this, place.Directory, node);
            if (node.Kind != FileKind.Directory)
            {
                throw new ErrnoException(Errno.ENOTDIR);
            }

            place.Directory.Remove(this, place.Name, node);
        }
    }

    /// <summary>unlink(2).</summary>
    /// <param name="path">The name to remove.</param>
    /// <exception cref="ErrnoException">EISDIR, ENOENT, EACCES, EPERM, EROFS, …</exception>
    public void Unlink(string path)
    {
        lock (Lock())
        {
            var place = PathWalk.Resolve(this, path, follow: false);
            if (place.IsSelf)
            {
                throw new ErrnoException(Errno.EISDIR);
            }

            var node = place.Existing;
            Permissions.RequireRemoval(this, place.Directory, node);
            if (node.Kind == FileKind.Directory)
            {
                throw new ErrnoException(Errno.EISDIR);
            }

            place.Directory.Remove(this, place.Name, node);
        }
    }

    /// <summary>rename(2).</summary>
    /// <param name="from">The old name.</param>
    /// <param name="to">The new name; what it names is replaced.</param>
    /// <exception cref="ErrnoException">EXDEV, EINVAL (into itself), EISDIR, ENOTDIR, ENOTEMPTY, EACCES, EBUSY, …</exception>
    public void Rename(string from, string to)
    {
        lock (Lock())
        {
            var source = PathWalk.Resolve(this, from, follow: false);
            var target = PathWalk.Resolve(this, to, follow: false);
            if (source.IsSelf || target.IsSelf)
            {
                throw new ErrnoException(Errno.EBUSY);
            }

            var node = source.Existing;
            if (source.Directory.Volume != target.Directory.Volume)
            {
                throw new ErrnoException(Errno.EXDEV);
            }

            Permissions.RequireRemoval(this, source.Directory, node);
            if (target.Node is { } replaced)
            {
                if (replaced.IsSame(node))
                {
                    return;
                }

                Permissions.RequireRemoval(this, target.Directory, replaced);
                RequireReplaceable(node, replaced);
            }
            else
            {
                Permissions.RequireChange(this, target.Directory);
                if (target.TrailingSlash && node.Kind != FileKind.Directory)
                {
                    throw new ErrnoException(Errno.ENOTDIR);
                }
            }

            if (node is DirectoryInode moved)
            {
                RequireMovable(moved, source.Directory, target.Directory);
            }

            source.Directory.Rename(this, source.Name, node, target.Directory, target.Name, target.Node);
        }
    }

    /// <summary>link(2).</summary>
    /// <param name="existing">The file.</param>
    /// <param name="path">The new name.</param>
    /// <param name="followLinks">Whether a symbolic link at <paramref name="existing"/> is followed.</param>
    /// <exception cref="ErrnoException">EEXIST, EPERM (a directory), EXDEV, …</exception>
    public void Link(string existing, string path, bool followLinks = false)
    {
        lock (Lock())
        {
            var node = PathWalk.Resolve(this, existing, followLinks).Existing;
            if (node.Kind == FileKind.Directory)
            {
                throw new ErrnoException(Errno.EPERM);
            }

            var place = FindFree(path, allowSlash: false);
            if (place.Directory.Volume != node.Volume)
            {
                throw new ErrnoException(Errno.EXDEV);
            }

            place.Directory.Link(this, place.Name, node);
        }
    }

    /// <summary>symlink(2).</summary>
    /// <param name="target">The link's text.</param>
    /// <param name="path">The new name.</param>
    /// <exception cref="ErrnoException">EEXIST, ENOENT, EACCES, …</exception>
    public void SymbolicLink(string target, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(target);
        lock (Lock())
        {
            var place = FindFree(path, allowSlash: false);
            place.Directory.CreateLink(this, place.Name, target);
        }
    }

    /// <summary>mkfifo(3).</summary>
    /// <param name="path">The new name.</param>
    /// <param name="mode">Permission bits, before the umask.</param>
    /// <exception cref="ErrnoException">EEXIST, ENOENT, EACCES, …</exception>
    public void MakeFifo(string path, int mode) => MakeNode(path, mode, FileKind.Fifo, default);

    /// <summary>mknod(2) of a device.</summary>
    /// <param name="path">The new name.</param>
    /// <param name="mode">Permission bits, before the umask.</param>
    /// <param name="kind">A character or block device.</param>
    /// <param name="major">The major number.</param>
    /// <param name="minor">The minor number.</param>
    /// <exception cref="ErrnoException">EPERM for others than root, EEXIST, …</exception>
    public void MakeDevice(string path, int mode, FileKind kind, int major, int minor)
    {
        if (UserId != 0)
        {
            throw new ErrnoException(Errno.EPERM);
        }

        MakeNode(path, mode, kind, (major, minor));
    }

    /// <summary>truncate(2).</summary>
    /// <param name="path">The file.</param>
    /// <param name="length">Its new length in bytes.</param>
    /// <exception cref="ErrnoException">EISDIR, EINVAL, EACCES, EFBIG, EROFS, …</exception>
    public void Truncate(string path, long length)
    {
        lock (Lock())
        {
            var node = Find(path);
            Permissions.Require(this, node, Permissions.Write);
            node.Truncate(this, length);
        }
    }

    /// <summary>chmod(2).</summary>
    /// <param name="path">The file; a symbolic link is followed.</param>
    /// <param name="mode">Permission bits with set-uid, set-gid and sticky.</param>
    /// <exception cref="ErrnoException">EPERM for others than the owner and root, EROFS, …</exception>
    public void ChangeMode(string path, int mode)
    {
        lock (Lock())
        {
            var node = Find(path);
            node.RequireWritable();
            Permissions.RequireOwner(this, node);
            var foreignGroup = UserId != 0 && node.Kind != FileKind.Directory && !IsInGroup(node.Ownership.GroupId);
            node.ChangeMode(mode & (foreignGroup ? PermissionBits & ~0x400 : PermissionBits));
        }
    }

    /// <summary>chown(2).</summary>
    /// <param name="path">The file.</param>
    /// <param name="user">The new owner; null leaves it.</param>
    /// <param name="group">The new group; null leaves it.</param>
    /// <param name="followLinks">Whether a symbolic link at the end is followed.</param>
    /// <exception cref="ErrnoException">EPERM: only root gives files away; an owner may choose among its groups.</exception>
    public void ChangeOwner(string path, uint? user, uint? group, bool followLinks = true)
    {
        lock (Lock())
        {
            var node = PathWalk.Resolve(this, path, followLinks).Existing;
            node.RequireWritable();
            var owner = node.Ownership;
            if (UserId != 0 && (owner.UserId != UserId || (user is { } wanted && wanted != owner.UserId)
                || (group is { } other && other != owner.GroupId && !IsInGroup(other))))
            {
                throw new ErrnoException(Errno.EPERM);
            }

            node.ChangeOwner(user, group);
            if (node.Kind == FileKind.Regular && (owner.Mode & 0xC00) != 0)
            {
                node.ChangeMode(owner.Mode & ~0xC00);
            }
        }
    }

    /// <summary>utimensat(2).</summary>
    /// <param name="path">The file.</param>
    /// <param name="accessed">Time of the last read; null leaves it.</param>
    /// <param name="modified">Time of the last change; null leaves it.</param>
    /// <param name="followLinks">Whether a symbolic link at the end is followed.</param>
    /// <exception cref="ErrnoException">EPERM for others than owner and root, EACCES when the file may not be written either.</exception>
    public void SetTimes(string path, DateTimeOffset? accessed, DateTimeOffset? modified, bool followLinks = true)
    {
        lock (Lock())
        {
            var node = PathWalk.Resolve(this, path, followLinks).Existing;
            node.RequireWritable();
            if (UserId != 0 && UserId != node.Ownership.UserId)
            {
                // Whoever may write may also set the present time.
                if (!IsNow(accessed) || !IsNow(modified))
                {
                    throw new ErrnoException(Errno.EPERM);
                }

                Permissions.Require(this, node, Permissions.Write);
            }

            node.SetTimes(accessed, modified);
        }
    }

    private static void RequireReplaceable(Inode node, Inode replaced)
    {
        if (node.Kind == FileKind.Directory && replaced.Kind != FileKind.Directory)
        {
            throw new ErrnoException(Errno.ENOTDIR);
        }

        if (node.Kind != FileKind.Directory && replaced.Kind == FileKind.Directory)
        {
            throw new ErrnoException(Errno.EISDIR);
        }
    }

    private void RequireMovable(DirectoryInode moved, DirectoryInode from, DirectoryInode to)
    {
        for (var directory = to; ; directory = directory.Parent)
        {
            if (directory.IsSame(moved))
            {
                throw new ErrnoException(Errno.EINVAL);
            }

            if (ReferenceEquals(directory.Parent, directory))
            {
                break;
            }
        }

        // Its .. changes, which is a write to it.
        if (!from.IsSame(to))
        {
            Permissions.Require(this, moved, Permissions.Write);
        }
    }

    private bool IsNow(DateTimeOffset? time) => time is { } value && (Clock.GetUtcNow() - value).Duration() < TimeSpan.FromSeconds(2);

    private Place FindFree(string path, bool allowSlash)
    {
        ArgumentNullException.ThrowIfNull(path);
        var place = PathWalk.Resolve(this, path, follow: false);
        if (place.Node is not null)
        {
            throw new ErrnoException(Errno.EEXIST);
        }

        if (place.TrailingSlash && !allowSlash)
        {
            throw new ErrnoException(Errno.ENOENT);
        }

        Permissions.RequireChange(this, place.Directory);
        return place;
    }

    private void MakeNode(string path, int mode, FileKind kind, (int Major, int Minor) device)
    {
        lock (Lock())
        {
            var place = FindFree(path, allowSlash: false);
            place.Directory.Create(this, place.Name, kind, mode & ~_umask & PermissionBits, device);
        }
    }
}
