using Microsoft.Win32.SafeHandles;
using Warden.Linux.Filesystem.Interop;
using Warden.Linux.Interop;
using Warden.Spec;
using Warden.Spec.Backend;

namespace Warden.Linux.Filesystem;

/// <summary>One copy from the host into a container. Runs on a <see cref="CopyThread"/>.</summary>
internal sealed class CopyIn : IDisposable
{
    /// <summary>Each level of a tree holds two descriptors open; a tree that is deeper is an attack or an accident.</summary>
    public const int Deepest = 512;

    /// <summary>The permissions of a directory that a copy makes because the destination names it: rwxr-xr-x.</summary>
    public const uint NewDirectoryMode = 0x1ED;

    // Set-user-id and set-group-id are not kept; a directory's sticky bit is.
    private const uint FileModeKept = 0x1FF;
    private const uint DirectoryModeKept = 0x3FF;

    private const uint Private = 0x1C0;
    private const uint PrivateFile = 0x180;

    private readonly CopyThread _thread;
    private readonly ContainerRoot _root;
    private readonly CancellationToken _cancellationToken;
    private readonly CopyStream _stream;
    private (ulong, ulong)? _top;

    public CopyIn(CopyThread thread, ContainerRoot root, CancellationToken cancellationToken)
    {
        _thread = thread;
        _root = root;
        _cancellationToken = cancellationToken;
        _stream = new CopyStream(Continue);
    }

    /// <summary>Copies.</summary>
    public void Run(string source, string destination)
    {
        Continue();
        var trimmed = source.Length > 1 && source.TrimEnd('/') is { Length: > 0 } path ? path : source;
        destination = ContainerRoot.FromHome(destination);
        var errno = HostPath.Open(trimmed, source.EndsWith('/'), out var entry);
        using (entry)
        {
            if (errno is Errno.ENOENT or Errno.ENOTDIR)
            {
                throw new WardenException($"Source path of the copy does not exist: {source}");
            }

            Check(errno);
            Check(FileAt.Status(entry, out var status));
            var target = CopyPlan.Target(source, status.IsDirectory, destination, IsDirectory(destination), out var parent);
            if (parent is not null && !IsDirectory(parent))
            {
                using var place = OpenPlace(parent, out var name);
                if (MakeDirectory(place, name))
                {
                    using var made = OpenNew(place, name);
                    ChangeMode(made, NewDirectoryMode);
                }
            }

            Top(entry, status, target);
        }
    }

    public void Dispose() => _stream.Dispose();

    private static void Check(int errno) => FileAt.Check(errno, "copy", null);

    private void Continue()
    {
        _cancellationToken.ThrowIfCancellationRequested();
        _root.ThrowIfGone();
    }

    private bool IsDirectory(string path)
    {
        var errno = OpenDirectory(path, out var directory);
        directory.Dispose();
        return errno == 0;
    }

    private int OpenDirectory(FileName path, out SafeFileHandle directory)
    {
        using (_thread.AsUser())
        {
            return _root.Open(path, OpenFlag.Path | OpenFlag.Directory, out directory);
        }
    }

    // The directory that a path's last component lies in.
    private SafeFileHandle OpenPlace(string path, out FileName name)
    {
        var trimmed = path.TrimEnd('/');
        var slash = trimmed.LastIndexOf('/');
        name = trimmed[(slash + 1)..];
        Check(OpenDirectory(slash < 0 ? "." : trimmed[..(slash + 1)], out var place));
        return place;
    }

    private void Top(SafeFileHandle entry, in FileStatus status, string target)
    {
        // Named by the request, a link to a directory is that directory.
        if (status.IsDirectory && OpenDirectory(target, out var existing) is 0)
        {
            using (existing)
            {
                Fill(entry, existing, target, 0);
            }

            return;
        }

        using var place = OpenPlace(target, out var name);
        Entry(entry, status, place, name, target, 0);
    }

    private void Entry(SafeFileHandle entry, in FileStatus status, SafeFileHandle place, FileName name, FileName path, int depth)
    {
        Continue();
        if (status.IsLink)
        {
            Link(entry, place, name);
        }
        else if (status.IsDirectory)
        {
            Directory(entry, status, place, name, path, depth);
        }
        else if (status.IsRegular)
        {
            File(entry, place, name);
        }
    }

    private void Link(SafeFileHandle entry, SafeFileHandle place, FileName name)
    {
        Check(FileAt.ReadLink(entry, out var target));
        var errno = Make();
        if (errno == Errno.EEXIST)
        {
            Remove(place, name);
            errno = Make();
        }

        Check(errno);

        int Make()
        {
            using (_thread.AsUser())
            {
                return FileAt.MakeLink(target, place, name);
            }
        }
    }

    private void Directory(SafeFileHandle entry, in FileStatus status, SafeFileHandle place, FileName name, FileName path, int depth)
    {
        Check(depth < Deepest ? 0 : Errno.ENAMETOOLONG);
        var isNew = MakeDirectory(place, name);
        using var target = isNew ? OpenNew(place, name) : OpenExisting(place, name, path);
        Fill(entry, target, path, depth);

        // Last, so that a directory without write permission can be filled first. One that was there keeps its mode.
        if (isNew)
        {
            ChangeMode(target, status.Mode & DirectoryModeKept);
        }
    }

    // Answers false when there is something of that name.
    private bool MakeDirectory(SafeFileHandle place, FileName name)
    {
        int errno;
        using (_thread.AsUser())
        {
            errno = FileAt.MakeDirectory(place, name, Private);
        }

        Check(errno == Errno.EEXIST ? 0 : errno);
        return errno == 0;
    }

    private SafeFileHandle OpenNew(SafeFileHandle place, FileName name)
    {
        int errno;
        SafeFileHandle directory;
        using (_thread.AsUser())
        {
            errno = FileAt.Open(place, name, OpenFlag.ReadOnly | OpenFlag.Directory | OpenFlag.NoFollow, 0, out directory);
        }

        Check(errno);
        return directory;
    }

    // The user may search it without being able to read it, which is enough. A link to a directory of the container is followed.
    private SafeFileHandle OpenExisting(SafeFileHandle place, FileName name, FileName path)
    {
        int errno;
        SafeFileHandle directory;
        using (_thread.AsUser())
        {
            errno = FileAt.Open(place, name, OpenFlag.Path | OpenFlag.Directory | OpenFlag.NoFollow, 0, out directory);
        }

        Check(errno is Errno.ENOTDIR or Errno.ELOOP ? OpenDirectory(path, out directory) : errno);
        return directory;
    }

    private void Fill(SafeFileHandle entry, SafeFileHandle target, FileName path, int depth)
    {
        Check(FileAt.Status(target, out var top));
        _top ??= top.Identity;
        Check(FileAt.Reopen(entry, OpenFlag.ReadOnly | OpenFlag.Directory, out var source));
        using (source)
        using (var reader = new DirectoryReader(source))
        {
            int errno;
            while (reader.TryRead(out var name, out errno))
            {
                errno = FileAt.Open(source, name, OpenFlag.Path | OpenFlag.NoFollow, 0, out var child);
                using (child)
                {
                    // What its owner removed meanwhile is not there to be copied.
                    if (errno != Errno.ENOENT)
                    {
                        Check(errno);
                        Check(FileAt.Status(child, out var status));

                        // Through a bind mount the copy may lie in what is copied: it would never end.
                        Check(status.Identity != _top ? 0 : Errno.EINVAL);
                        Entry(child, status, target, name, path.Child(name), depth + 1);
                    }
                }
            }

            Check(errno);
        }
    }

    private void File(SafeFileHandle entry, SafeFileHandle place, FileName name)
    {
        Check(FileAt.Reopen(entry, OpenFlag.ReadOnly | OpenFlag.NonBlocking, out var source));
        using (source)
        {
            var errno = Make(place, name, out var target);
            if (errno == Errno.EEXIST)
            {
                // A file that is replaced gets a new inode: its other names keep the old content, and a link is never written through.
                Remove(place, name);
                errno = Make(place, name, out target);
            }

            Check(errno);
            using (target)
            {
                Check(FileAt.Status(source, out var status));
                try
                {
                    Check(_stream.Run(source, status, target, out _));
                }
                catch
                {
                    // Half a file is taken for a whole one.
                    TryRemove(place, name);
                    throw;
                }

                ChangeMode(target, status.Mode & FileModeKept);
            }
        }
    }

    private int Make(SafeFileHandle place, FileName name, out SafeFileHandle file)
    {
        using (_thread.AsUser())
        {
            return FileAt.Open(
                place, name, OpenFlag.WriteOnly | OpenFlag.Create | OpenFlag.Exclusive | OpenFlag.NoFollow, PrivateFile, out file);
        }
    }

    private void ChangeMode(SafeFileHandle file, uint mode)
    {
        int errno;
        using (_thread.AsUser())
        {
            errno = FileAt.ChangeMode(file, mode);
        }

        Check(errno);
    }

    private void Remove(SafeFileHandle place, FileName name)
    {
        var errno = TryRemove(place, name);
        Check(errno == Errno.ENOENT ? 0 : errno);
    }

    private int TryRemove(SafeFileHandle place, FileName name)
    {
        using (_thread.AsUser())
        {
            return FileAt.Remove(place, name, isDirectory: false);
        }
    }
}
