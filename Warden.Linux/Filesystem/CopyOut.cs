using Microsoft.Win32.SafeHandles;
using Warden.Linux.Filesystem.Interop;
using Warden.Linux.Interop;
using Warden.Spec.Backend;

namespace Warden.Linux.Filesystem;

/// <summary>
/// One copy from a container to the host. Runs on a <see cref="CopyThread"/>. The container may change its tree meanwhile: every entry is
/// opened once without following a link, and judged by what was opened. On the host a link beneath the destination is replaced.
/// </summary>
internal sealed class CopyOut : IDisposable
{
    private const uint Private = 0x1C0;
    private const uint PrivateFile = 0x180;

    // A program that runs as its owner would, as root's on the host, be the container's way out.
    private const uint FileModeKept = 0x1FF;
    private const uint DirectoryModeKept = 0x3FF;

    private readonly CopyThread _thread;
    private readonly ContainerRoot _root;
    private readonly HostOwner _owner;
    private readonly CancellationToken _cancellationToken;
    private readonly CopyStream _stream;
    private (ulong, ulong)? _top;

    public CopyOut(CopyThread thread, ContainerRoot root, HostOwner owner, CancellationToken cancellationToken)
    {
        _thread = thread;
        _root = root;
        _owner = owner;
        _cancellationToken = cancellationToken;
        _stream = new CopyStream(Continue);
    }

    /// <summary>Copies.</summary>
    public void Run(string source, string destination)
    {
        Continue();
        int errno;
        SafeFileHandle entry;
        using (_thread.AsUser())
        {
            errno = _root.Open(ContainerRoot.FromHome(source), OpenFlag.Path | (source.EndsWith('/') ? 0 : OpenFlag.NoFollow), out entry);
        }

        using (entry)
        {
            Check(errno);
            Check(FileAt.Status(entry, out var status));
            using var content = OpenContent(entry, status);
            Top(entry, content, status, source, destination);
        }
    }

    public void Dispose() => _stream.Dispose();

    private static void Check(int errno) => FileAt.Check(errno, "copy", null);

    // The directory that a path names, the client's own links followed; null where there is none. A link that a copy left is none.
    private static SafeFileHandle? FindDirectory(string path)
    {
        if (HostPath.Open(path, follow: true, out var found) == 0 && FileAt.Status(found, out var status) == 0 && status.IsDirectory)
        {
            return found;
        }

        found.Dispose();
        return null;
    }

    private static SafeFileHandle OpenPlace(string path, out FileName name)
    {
        HostSideException.Check(HostPath.OpenPlace(path, out name, out var place));
        return place;
    }

    private SafeFileHandle MakeDestination(string path)
    {
        using var place = OpenPlace(path, out var name);
        var errno = FileAt.MakeDirectory(place, name, Private);
        if (errno == Errno.EEXIST && HostPath.IsLeftByCopy(place, name))
        {
            Remove(place, name);
            errno = FileAt.MakeDirectory(place, name, Private);
        }

        HostSideException.Check(errno);
        HostSideException.Check(
            FileAt.Open(place, name, OpenFlag.ReadOnly | OpenFlag.Directory | OpenFlag.NoFollow, 0, out var directory));
        Finish(directory, CopyIn.NewDirectoryMode);
        return directory;
    }

    private void Continue()
    {
        _cancellationToken.ThrowIfCancellationRequested();
        _root.ThrowIfGone();
    }

    // Null for what has no content: a link, and what is passed over. It is opened before anything is made for it on the host.
    private SafeFileHandle? OpenContent(SafeFileHandle entry, in FileStatus status)
    {
        if (!status.IsRegular && !status.IsDirectory)
        {
            return null;
        }

        int errno;
        SafeFileHandle content;
        using (_thread.AsUser())
        {
            errno = FileAt.Reopen(entry, OpenFlag.ReadOnly | OpenFlag.NonBlocking, out content);
        }

        Check(errno);
        return content;
    }

    private void Top(SafeFileHandle entry, SafeFileHandle? content, in FileStatus status, string source, string destination)
    {
        using var existing = FindDirectory(destination);
        if (CopyPlan.NameBelow(source, status.IsDirectory, destination, existing is not null) is { } child)
        {
            // Below what the request names everything is an earlier copy's: a link there is replaced, even one to a directory.
            using var into = existing ?? MakeDestination(destination);
            Entry(entry, content, status, into, child, 0);
        }
        else if (existing is not null && status.IsDirectory)
        {
            Fill(content!, existing, 0);
        }
        else
        {
            using var place = OpenPlace(destination, out var name);
            Entry(entry, content, status, place, name, 0);
        }
    }

    private void Entry(SafeFileHandle entry, SafeFileHandle? content, in FileStatus status, SafeFileHandle place, FileName name, int depth)
    {
        Continue();
        if (status.IsLink)
        {
            Link(entry, place, name);
        }
        else if (status.IsDirectory)
        {
            Directory(content!, status, place, name, depth);
        }
        else if (status.IsRegular)
        {
            File(content!, status, place, name);
        }
    }

    private void Link(SafeFileHandle entry, SafeFileHandle place, FileName name)
    {
        Check(FileAt.ReadLink(entry, out var target));
        Remove(place, name);
        HostSideException.Check(HostPath.MakeLink(target, place, name));
        HostSideException.Check(FileAt.ChangeOwner(place, name, _owner.User, _owner.Group));
    }

    private void Directory(SafeFileHandle content, in FileStatus status, SafeFileHandle place, FileName name, int depth)
    {
        Check(depth < CopyIn.Deepest ? 0 : Errno.ENAMETOOLONG);
        var errno = FileAt.MakeDirectory(place, name, Private);
        if (errno == Errno.EEXIST && FileAt.Status(place, name, out var found) == 0 && !found.IsDirectory)
        {
            Remove(place, name);
            errno = FileAt.MakeDirectory(place, name, Private);
        }

        HostSideException.Check(errno == Errno.EEXIST ? 0 : errno);
        HostSideException.Check(
            FileAt.Open(place, name, OpenFlag.ReadOnly | OpenFlag.Directory | OpenFlag.NoFollow, 0, out var target));
        using (target)
        {
            Fill(content, target, depth);
            if (errno == 0)
            {
                Finish(target, status.Mode & DirectoryModeKept);
            }
        }
    }

    private void Fill(SafeFileHandle content, SafeFileHandle target, int depth)
    {
        HostSideException.Check(FileAt.Status(target, out var top));
        _top ??= top.Identity;
        using var reader = new DirectoryReader(content);
        int errno;
        while (reader.TryRead(out var name, out errno))
        {
            SafeFileHandle child;
            using (_thread.AsUser())
            {
                errno = FileAt.Open(content, name, OpenFlag.Path | OpenFlag.NoFollow, 0, out child);
            }

            using (child)
            {
                // What the container removed meanwhile is not there to be copied.
                if (errno != Errno.ENOENT)
                {
                    Check(errno);
                    Check(FileAt.Status(child, out var status));

                    // Through a bind mount the copy may lie in what is copied: it would never end.
                    Check(status.Identity != _top ? 0 : Errno.EINVAL);
                    using var opened = OpenContent(child, status);
                    Entry(child, opened, status, target, name, depth + 1);
                }
            }
        }

        Check(errno);
    }

    private void File(SafeFileHandle content, in FileStatus status, SafeFileHandle place, FileName name)
    {
        Remove(place, name);
        HostSideException.Check(
            FileAt.Open(place, name, OpenFlag.WriteOnly | OpenFlag.Create | OpenFlag.Exclusive | OpenFlag.NoFollow, PrivateFile, out var target));
        using (target)
        {
            try
            {
                var errno = _stream.Run(content, status, target, out var isReading);
                Check(isReading ? errno : 0);
                HostSideException.Check(errno);
            }
            catch
            {
                // Half a file is taken for a whole one.
                FileAt.Remove(place, name, isDirectory: false);
                throw;
            }

            Finish(target, status.Mode & FileModeKept);
        }
    }

    private void Finish(SafeFileHandle target, uint mode)
    {
        HostSideException.Check(FileAt.ChangeOwner(target, _owner.User, _owner.Group));
        HostSideException.Check(FileAt.ChangeMode(target, mode));
    }

    // A device, FIFO or socket of the host is not replaced: nobody means to lose /dev/null.
    private static void Remove(SafeFileHandle place, FileName name)
    {
        var errno = FileAt.Status(place, name, out var status);
        if (errno == 0)
        {
            HostSideException.Check(status.IsRegular || status.IsLink || status.IsDirectory ? 0 : Errno.EEXIST);
            errno = FileAt.Remove(place, name, isDirectory: false);
        }

        HostSideException.Check(errno == Errno.ENOENT ? 0 : errno);
    }
}
