using Microsoft.Win32.SafeHandles;
using Warden.Linux.Filesystem.Interop;
using Warden.Linux.Interop;

namespace Warden.Linux.Filesystem;

/// <summary>
/// Removes a tree that a container's user made. It goes by descriptors and follows no link, enters nothing that is mounted there, and
/// keeps few directories open however deep the tree is: what lies deeper is first moved up.
/// </summary>
internal sealed class TreeRemover
{
    private const int DeepestOpen = 64;

    private readonly SafeFileHandle _top;
    private readonly string _path;
    private int _moved;

    private TreeRemover(SafeFileHandle top, string path)
    {
        _top = top;
        _path = path;
    }

    /// <summary>Empties an open directory.</summary>
    /// <param name="directory">The directory; it stays.</param>
    /// <param name="path">Its path, for what is said of a failure.</param>
    /// <param name="keep">A name in it that stays too, or null.</param>
    /// <exception cref="LinuxException">Something is mounted in it, or the kernel refuses to remove it.</exception>
    public static void Empty(SafeFileHandle directory, string path, string? keep = null) =>
        new TreeRemover(directory, path).Empty(directory, path, 0, keep is null ? default(FileName?) : new FileName(keep));

    /// <summary>Removes a name and all that is beneath it; one that is not there is no error.</summary>
    public static void Remove(SafeFileHandle directory, FileName name, string path)
    {
        // What lies deep is moved up into the directory that goes, never beside it.
        var errno = FileAt.OpenResolved(
            directory, name, OpenFlag.ReadOnly | OpenFlag.Directory | OpenFlag.NoFollow,
            FileCalls.ResolveNoCrossing | FileCalls.ResolveNoLinks, out var child);
        using (child)
        {
            if (errno == 0 && !Subvolume.TryDestroy(directory, name, child, $"{path}/{name}"))
            {
                Empty(child, $"{path}/{name}");
            }
        }

        new TreeRemover(directory, path).Entry(directory, name, path, 0);
    }

    private void Empty(SafeFileHandle directory, string path, int depth, FileName? keep = null)
    {
        using var reader = new DirectoryReader(directory);
        bool any;
        do
        {
            // What is moved up, or was skipped by a directory that shrinks as it is read, is found in a further pass.
            any = false;
            reader.Rewind();
            int errno;
            while (reader.TryRead(out var name, out errno))
            {
                if (keep is null || !name.Bytes.SequenceEqual(keep.Value.Bytes))
                {
                    any = true;
                    Entry(directory, name, path, depth);
                }
            }

            FileAt.Check(errno, "read the directory", path);
        }
        while (any);
    }

    private void Entry(SafeFileHandle parent, FileName name, string path, int depth)
    {
        var errno = FileAt.Remove(parent, name, isDirectory: false);
        if (errno is Errno.EISDIR or Errno.EPERM && IsDirectory(parent, name))
        {
            Directory(parent, name, path, depth);
        }
        else if (errno == Errno.EPERM && Release(parent, name))
        {
            FileAt.Check(FileAt.Remove(parent, name, isDirectory: false), "remove", $"{path}/{name}");
        }
        else if (errno != Errno.ENOENT)
        {
            FileAt.Check(errno, "remove", $"{path}/{name}");
        }
    }

    private void Directory(SafeFileHandle parent, FileName name, string path, int depth)
    {
        var errno = FileAt.Remove(parent, name, isDirectory: true);
        if (errno is 0 or Errno.ENOENT)
        {
            return;
        }

        var child = $"{path}/{name}";
        if (depth >= DeepestOpen)
        {
            MoveUp(parent, name, child);
            return;
        }

        errno = FileAt.OpenResolved(
            parent, name, OpenFlag.ReadOnly | OpenFlag.Directory | OpenFlag.NoFollow,
            FileCalls.ResolveNoCrossing | FileCalls.ResolveNoLinks, out var directory);
        using (directory)
        {
            if (errno == Errno.EXDEV)
            {
                throw new LinuxException("remove what is mounted at", child, Errno.EBUSY);
            }

            FileAt.Check(errno, "open", child);
            if (Subvolume.TryDestroy(parent, name, directory, child))
            {
                return;
            }

            Empty(directory, child, depth + 1);
        }

        errno = FileAt.Remove(parent, name, isDirectory: true);
        if (errno == Errno.EPERM && Release(parent, name))
        {
            errno = FileAt.Remove(parent, name, isDirectory: true);
        }

        FileAt.Check(errno, "remove", child);
    }

    private void MoveUp(SafeFileHandle parent, FileName name, string path)
    {
        int errno;
        do
        {
            errno = FileAt.RenameNew(parent, name, _top, $".removed-{_moved++}");
            if (errno == Errno.EPERM && Release(parent, name))
            {
                errno = FileAt.RenameNew(parent, name, _top, $".removed-{_moved++}");
            }
        }
        while (errno == Errno.EEXIST);
        FileAt.Check(errno, $"move up within {_path}", path);
    }

    private static bool IsDirectory(SafeFileHandle parent, FileName name) =>
        FileAt.Status(parent, name, out var status) == 0 && status.IsDirectory;

    // Only files and directories carry the flags; opening anything else, a device say, is not without consequences.
    private static bool Release(SafeFileHandle parent, FileName name)
    {
        var released = InodeFlags.Release(parent);
        if (FileAt.Status(parent, name, out var status) == 0 && (status.IsRegular || status.IsDirectory)
            && FileAt.Open(parent, name, OpenFlag.ReadOnly | OpenFlag.NoFollow | OpenFlag.NonBlocking, 0, out var file) == 0)
        {
            using (file)
            {
                released |= InodeFlags.Release(file);
            }
        }

        return released;
    }
}
