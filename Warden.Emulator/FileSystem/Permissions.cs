using Warden.Emulator.Machine;

namespace Warden.Emulator.FileSystem;

/// <summary>What a process may do with a file, by its credentials and the file's mode (path_resolution(7)).</summary>
internal static class Permissions
{
    internal const int Read = 4;
    internal const int Write = 2;
    internal const int Execute = 1;

    private const int Sticky = 0x200;

    /// <summary>Whether all that <paramref name="wanted"/> names is allowed.</summary>
    internal static bool Allows(Process process, Inode inode, int wanted)
    {
        var owner = inode.Ownership;
        if (process.UserId == 0)
        {
            return (wanted & Execute) == 0 || inode.Kind == FileKind.Directory || (owner.Mode & 0x49) != 0;
        }

        var bits = owner.UserId == process.UserId ? owner.Mode >> 6 : process.IsInGroup(owner.GroupId) ? owner.Mode >> 3 : owner.Mode;
        return (bits & wanted) == wanted;
    }

    /// <summary>Throws EACCES when it is not allowed.</summary>
    internal static void Require(Process process, Inode inode, int wanted)
    {
        if (!Allows(process, inode, wanted))
        {
            throw new ErrnoException(Errno.EACCES);
        }
    }

    /// <summary>Throws EPERM for others than the owner and root.</summary>
    internal static void RequireOwner(Process process, Inode inode)
    {
        if (process.UserId != 0 && process.UserId != inode.Ownership.UserId)
        {
            throw new ErrnoException(Errno.EPERM);
        }
    }

    /// <summary>Throws unless names may be added to the directory.</summary>
    internal static void RequireChange(Process process, DirectoryInode directory)
    {
        directory.RequireWritable();
        Require(process, directory, Write | Execute);
        if (directory.IsRemoved)
        {
            throw new ErrnoException(Errno.ENOENT);
        }
    }

    /// <summary>Throws unless the file's name may be removed from the directory: in a sticky one only its owner or the file's may.</summary>
    internal static void RequireRemoval(Process process, DirectoryInode directory, Inode node)
    {
        RequireChange(process, directory);
        if (node.Volume != directory.Volume)
        {
            throw new ErrnoException(Errno.EBUSY);
        }

        var owner = directory.Ownership;
        if ((owner.Mode & Sticky) != 0 && process.UserId != 0 && process.UserId != owner.UserId
            && process.UserId != node.Ownership.UserId)
        {
            throw new ErrnoException(Errno.EPERM);
        }
    }
}
