using Microsoft.Win32.SafeHandles;
using Warden.Linux.Filesystem.Interop;
using static Warden.Linux.Filesystem.Interop.BtrfsCalls;

namespace Warden.Linux.Filesystem;

/// <summary>Subvolumes of btrfs: directories with a tree, and so with accounts, of their own.</summary>
internal static unsafe class Subvolume
{
    /// <summary>Makes one, with the mode that the umask leaves of 0777.</summary>
    /// <exception cref="Linux.Interop.LinuxException">The kernel refuses.</exception>
    public static void Create(SafeFileHandle directory, FileName name, string path)
    {
        var arguments = Named(name);
        FileAt.Check(FileAt.Control(directory, CreateSubvolume, &arguments), "make the btrfs subvolume", path);
    }

    /// <summary>Whether an open directory is the root of one.</summary>
    public static bool Is(SafeFileHandle directory) =>
        FileAt.Status(directory, out var status) == 0 && status.Inode == SubvolumeInode
        && FileAt.FileSystemType(directory) == BtrfsCalls.FileSystemType;

    /// <summary>The id of the subvolume that an open file is in; its quota group is 0/ID.</summary>
    public static ulong Id(SafeFileHandle file, string path)
    {
        var arguments = new LookupArguments { Inode = SubvolumeInode };
        FileAt.Check(FileAt.Control(file, FindSubvolume, &arguments), "ask for the btrfs subvolume of", path);
        return arguments.Tree;
    }

    /// <summary>
    /// Destroys an open directory with all that is in it when it is a subvolume; answers false when it is none. Its quota group goes later: kernels
    /// of today remove it once the last block is freed, for others <see cref="BtrfsQuota"/> does.
    /// </summary>
    public static bool TryDestroy(SafeFileHandle parent, FileName name, SafeFileHandle directory, string path)
    {
        if (!Is(directory))
        {
            return false;
        }

        var arguments = Named(name);
        FileAt.Check(FileAt.Control(parent, DestroySubvolume, &arguments), "remove the btrfs subvolume", path);
        return true;
    }

    /// <summary>
    /// Removes the quota group of a subvolume that is gone. The result is an errno: EBUSY while the kernel keeps it for what it has not freed.
    /// </summary>
    public static int RemoveGroup(SafeFileHandle file, ulong id)
    {
        var group = new GroupArguments { Id = id };
        return FileAt.Control(file, CreateQuotaGroup, &group);
    }

    private static VolumeArguments Named(FileName name)
    {
        var arguments = default(VolumeArguments);
        name.Bytes.CopyTo(new Span<byte>(arguments.Name, VolumeArguments.NameSize - 1));
        return arguments;
    }
}
