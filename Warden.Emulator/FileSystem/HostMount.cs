using System.Collections.Concurrent;
using Warden.Emulator.Machine;

namespace Warden.Emulator.FileSystem;

/// <summary>
/// A file or directory of the real host that is mounted in a container. Components are resolved by the container's own path walk: a
/// symbolic link of the host is handed back as a link, so none leads out of the mount. Before every operation the path is looked at
/// again from the mount's root, with one lock for all containers, so that no container can put a link in its way meanwhile.
/// </summary>
internal sealed class HostMount
{
    // Owners and modes that the host did not take: without the right to change owners, files of the container's users are the server's.
    private readonly ConcurrentDictionary<string, Ownership> _owners = new(StringComparer.Ordinal);

    // Mounts on top of this one, by the path that they cover.
    private readonly ConcurrentDictionary<string, Inode> _covered = new(StringComparer.Ordinal);

    private HostMount(string root) => Root = root;

    /// <summary>Held by every operation on the host's files.</summary>
    internal static Lock Gate { get; } = new();

    /// <summary>The mounted path on the host, without symbolic links at its end.</summary>
    internal string Root { get; }

    /// <summary>Makes the root of a mount.</summary>
    /// <exception cref="ErrnoException">ENOENT.</exception>
    internal static Inode Open(Volume volume, string source)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(source));
        var root = Look(path) switch
        {
            null => throw new ErrnoException(Errno.ENOENT),
            FileKind.SymbolicLink => HostErrors.Run(() => new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path),
            _ => path,
        };
        var mount = new HostMount(root);
        return mount.Find(volume, mount.Root) ?? throw new ErrnoException(Errno.ENOENT);
    }

    /// <summary>The file at a path of the host, or null.</summary>
    internal Inode? Find(Volume volume, string path)
    {
        lock (Gate)
        {
            return Look(path) switch
            {
                null => null,
                FileKind.Directory => new HostDirectory(volume, this, path),
                FileKind.SymbolicLink => new HostLink(volume, this, path),
                { } kind => new HostFile(volume, this, path, kind),
            };
        }
    }

    /// <summary>What a file of the host is, without following a link; null when it is not there.</summary>
    internal static FileKind? Look(string path)
    {
        if (HostOwners.Find(path) is { } status)
        {
            return (status.Mode & 0xF000) switch
            {
                0x4000 => FileKind.Directory,
                0xA000 => FileKind.SymbolicLink,
                0x1000 => FileKind.Fifo,
                0x2000 => FileKind.CharacterDevice,
                0x6000 => FileKind.BlockDevice,
                0xC000 => FileKind.Socket,
                _ => FileKind.Regular,
            };
        }

        var info = new FileInfo(path);
        return info.LinkTarget is not null ? FileKind.SymbolicLink
            : info.Exists ? FileKind.Regular
            : Directory.Exists(path) ? FileKind.Directory
            : null;
    }

    /// <summary>Runs an operation on a path of which no component is a link, and turns the host's failures into the container's.</summary>
    /// <exception cref="ErrnoException">What the host refused.</exception>
    internal T Run<T>(string path, Func<string, T> operation)
    {
        lock (Gate)
        {
            RequireNoLinks(path);
            return HostErrors.Run(() => operation(path));
        }
    }

    /// <summary>The same without a result.</summary>
    internal void Run(string path, Action<string> operation) => Run(path, checkedPath =>
    {
        operation(checkedPath);
        return true;
    });

    /// <summary>Permission bits and owners.</summary>
    internal Ownership Ownership(string path)
    {
        if (_owners.TryGetValue(path, out var kept))
        {
            return kept;
        }

        var host = HostOwners.Find(path);
        var mode = host is { } status ? status.Mode & 0xFFF : Directory.Exists(path) ? 0x1ED : 0x1A4;
        return new(mode, host?.UserId ?? 0, host?.GroupId ?? 0);
    }

    /// <summary>Changes the permission bits, on the host where it has them.</summary>
    internal void ChangeMode(string path, int mode)
    {
        if (_owners.TryGetValue(path, out var kept))
        {
            _owners[path] = kept with { Mode = mode };
        }

        if (OperatingSystem.IsWindows())
        {
            _owners[path] = Ownership(path) with { Mode = mode };
        }
        else
        {
            File.SetUnixFileMode(path, (UnixFileMode)mode);
        }
    }

    /// <summary>Changes the owners, on the host where the server may.</summary>
    internal void ChangeOwner(string path, uint user, uint group)
    {
        if (HostOwners.CanChangeOwners)
        {
            HostOwners.ChangeOwner(path, user, group);
        }
        else
        {
            _owners[path] = Ownership(path) with { UserId = user, GroupId = group };
        }
    }

    /// <summary>The root of the volume that is mounted on a path, or null.</summary>
    internal Inode? MountedAt(string path) => _covered.IsEmpty ? null : _covered.GetValueOrDefault(path);

    /// <summary>Mounts another volume on a path.</summary>
    internal void CoverBy(string path, Inode node) => _covered[path] = node;

    /// <summary>Forgets what is kept of a path that was removed.</summary>
    internal void Forget(string path) => _owners.TryRemove(path, out _);

    /// <summary>Moves what is kept of a path and of all beneath it.</summary>
    internal void Move(string from, string to)
    {
        Forget(to);
        foreach (var path in _owners.Keys)
        {
            if (path == from || path.StartsWith(from + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            {
                if (_owners.TryRemove(path, out var kept))
                {
                    _owners[to + path[from.Length..]] = kept;
                }
            }
        }
    }

    private void RequireNoLinks(string path)
    {
        for (var end = Root.Length; end < path.Length;)
        {
            var next = path.IndexOf(Path.DirectorySeparatorChar, end + 1);
            end = next < 0 ? path.Length : next;
            if (end < path.Length && Look(path[..end]) != FileKind.Directory)
            {
                throw new ErrnoException(Errno.ENOENT);
            }
        }
    }
}

/// <summary>What the host's failures are in the container.</summary>
internal static class HostErrors
{
    private const int Mask = 0xFFFF;

    internal static void Run(Action operation) => Run(() =>
    {
        operation();
        return true;
    });

    internal static T Run<T>(Func<T> operation)
    {
        try
        {
            return operation();
        }
        catch (FileNotFoundException)
        {
            throw new ErrnoException(Errno.ENOENT);
        }
        catch (DirectoryNotFoundException)
        {
            throw new ErrnoException(Errno.ENOENT);
        }
        catch (PathTooLongException)
        {
            throw new ErrnoException(Errno.ENAMETOOLONG);
        }
        catch (UnauthorizedAccessException)
        {
            throw new ErrnoException(Errno.EACCES);
        }
        catch (IOException e)
        {
            throw new ErrnoException(Translate(e.HResult));
        }
        catch (ArgumentException)
        {
            throw new ErrnoException(Errno.EINVAL);
        }
    }

    // On Unix HResult is the errno; on Windows a Win32 code: 39 and 112 are a full disk, 80 and 183 an existing file, 145 a full directory.
    private static Errno Translate(int result) => OperatingSystem.IsWindows()
        ? (result & Mask) switch
        {
            39 or 112 => Errno.ENOSPC,
            80 or 183 => Errno.EEXIST,
            145 => Errno.ENOTEMPTY,
            32 or 33 => Errno.EBUSY,
            _ => Errno.EIO,
        }
        : OperatingSystem.IsLinux() && Enum.IsDefined((Errno)result) ? (Errno)result
        : result switch
        {
            17 => Errno.EEXIST,
            28 => Errno.ENOSPC,
            30 => Errno.EROFS,
            66 => Errno.ENOTEMPTY,
            _ => Errno.EIO,
        };
}
