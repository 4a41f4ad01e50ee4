using Warden.Emulator.Machine;

namespace Warden.Emulator.FileSystem;

/// <summary>A file of the host's, by its path there.</summary>
internal interface IHostNode
{
    /// <summary>The path on the host.</summary>
    string HostPath { get; }
}

/// <summary>What files of the host have in common.</summary>
internal static class HostNode
{
    internal static FileStatus Status(Volume volume, HostMount mount, string path, FileKind kind)
    {
        var owner = mount.Ownership(path);
        var host = HostOwners.Find(path);
        FileSystemInfo info = kind == FileKind.Directory ? new DirectoryInfo(path) : new FileInfo(path);
        var size = kind switch
        {
            FileKind.Regular when info is FileInfo { Exists: true } file => file.Length,
            FileKind.SymbolicLink => ByteText.FromHost(info.LinkTarget ?? "").Length,
            FileKind.Directory => 4096,
            _ => 0,
        };
        return new()
        {
            Kind = kind,
            Mode = owner.Mode,
            UserId = owner.UserId,
            GroupId = owner.GroupId,
            Size = size,
            Links = host?.Links ?? 1,
            Inode = host?.Inode ?? (uint)path.GetHashCode(StringComparison.Ordinal),
            Device = volume.Device,
            DeviceNumber = host?.Device ?? default,
            Modified = new(info.LastWriteTimeUtc, TimeSpan.Zero),
            Changed = new(info.LastWriteTimeUtc, TimeSpan.Zero),
            Accessed = new(info.LastAccessTimeUtc, TimeSpan.Zero),
            Blocks = (size + 4095) / 4096 * 8,
        };
    }

    internal static void SetTimes(string path, DateTimeOffset? accessed, DateTimeOffset? modified)
    {
        FileSystemInfo info = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
        if (accessed is { } read)
        {
            info.LastAccessTimeUtc = read.UtcDateTime;
        }

        if (modified is { } written)
        {
            info.LastWriteTimeUtc = written.UtcDateTime;
        }
    }
}

/// <summary>A directory of the host.</summary>
internal sealed class HostDirectory(Volume volume, HostMount mount, string path) : DirectoryInode(volume), IHostNode
{
    public string HostPath => path;

    internal override Ownership Ownership => mount.Ownership(path);

    internal override FileStatus Status => HostNode.Status(Volume, mount, path, Kind);

    internal override bool IsSame(Inode other) => other is HostDirectory directory && directory.HostPath == path;

    internal override Inode? Find(Process process, string name)
    {
        if (HostPathOf(name) is not { } child)
        {
            return null;
        }

        var node = mount.MountedAt(child) ?? mount.Run(child, checkedPath => mount.Find(Volume, checkedPath));
        if (node is DirectoryInode directory)
        {
            directory.Parent = this;
            directory.Name = name;
        }

        return node;
    }

    internal override IReadOnlyList<DirectoryEntry> List(Process process) => mount.Run(path, checkedPath =>
        new DirectoryInfo(checkedPath).EnumerateFileSystemInfos()
            .Select(entry => new DirectoryEntry(ByteText.FromHost(entry.Name), HostMount.Look(entry.FullName) ?? FileKind.Regular))
            .OrderBy(entry => entry.Name, StringComparer.Ordinal).ToArray());

    internal override Inode Create(Process process, string name, FileKind kind, int mode, (int Major, int Minor) device)
    {
        if (kind != FileKind.Regular)
        {
            throw new ErrnoException(Errno.EPERM);
        }

        var child = NewPath(name);
        mount.Run(child, checkedPath =>
        {
            using (File.OpenHandle(checkedPath, FileMode.CreateNew, FileAccess.Write))
            {
            }

            Own(process, checkedPath, mode);
        });
        return new HostFile(Volume, mount, child, FileKind.Regular);
    }

    internal override void CreateDirectory(Process process, string name, int mode) => mount.Run(NewPath(name), checkedPath =>
    {
        Directory.CreateDirectory(checkedPath);
        Own(process, checkedPath, mode);
    });

    internal override void CreateLink(Process process, string name, string target) => mount.Run(NewPath(name), checkedPath =>
    {
        File.CreateSymbolicLink(checkedPath, ByteText.ToHost(target));
        mount.ChangeOwner(checkedPath, process.UserId, process.PrimaryGroupId);
    });

    internal override void Mount(string name, Inode node)
    {
        mount.CoverBy(NewPath(name), node);
        if (node is DirectoryInode directory)
        {
            directory.Parent = this;
            directory.Name = name;
        }
    }

    internal override void Remove(Process process, string name, Inode node)
    {
        var child = ((IHostNode)node).HostPath;
        mount.Run(child, checkedPath =>
        {
            if (node is HostDirectory)
            {
                if (Directory.EnumerateFileSystemEntries(checkedPath).Any())
                {
                    throw new ErrnoException(Errno.ENOTEMPTY);
                }

                Directory.Delete(checkedPath);
            }
            else
            {
                File.Delete(checkedPath);
            }
        });
        mount.Forget(child);
    }

    internal override void Rename(Process process, string name, Inode node, DirectoryInode target, string targetName, Inode? replaced)
    {
        var to = ((HostDirectory)target).NewPath(targetName);
        var from = ((IHostNode)node).HostPath;
        mount.Run(from, checkedPath => mount.Run(to, checkedTarget =>
        {
            if (node is HostDirectory)
            {
                if (replaced is not null)
                {
                    target.Remove(process, targetName, replaced);
                }

                Directory.Move(checkedPath, checkedTarget);
            }
            else
            {
                File.Move(checkedPath, checkedTarget, overwrite: true);
            }
        }));
        mount.Move(from, to);
    }

    internal override void ChangeMode(int mode) => mount.Run(path, checkedPath => mount.ChangeMode(checkedPath, mode));

    internal override void ChangeOwner(uint? user, uint? group)
    {
        var owner = Ownership;
        mount.Run(path, checkedPath => mount.ChangeOwner(checkedPath, user ?? owner.UserId, group ?? owner.GroupId));
    }

    internal override void SetTimes(DateTimeOffset? accessed, DateTimeOffset? modified) =>
        mount.Run(path, checkedPath => HostNode.SetTimes(checkedPath, accessed, modified));

    private void Own(Process process, string child, int mode)
    {
        mount.ChangeOwner(child, process.UserId, process.PrimaryGroupId);
        mount.ChangeMode(child, mode);
    }

    // A name with a character that the host's paths give a meaning to names nothing there.
    private string? HostPathOf(string name)
    {
        var host = ByteText.ToHost(name);
        return ByteText.FromHost(host) == name && host.AsSpan().IndexOfAny('/', '\0', System.IO.Path.DirectorySeparatorChar) < 0
            && !(OperatingSystem.IsWindows() && host.Contains(':', StringComparison.Ordinal))
            ? System.IO.Path.Join(path, host)
            : null;
    }

    private string NewPath(string name) => HostPathOf(name) ?? throw new ErrnoException(Errno.EINVAL);
}

/// <summary>A symbolic link of the host, resolved in the container.</summary>
internal sealed class HostLink(Volume volume, HostMount mount, string path) : Inode(volume), ISymbolicLink, IHostNode
{
    public string HostPath => path;

    public string Target => ByteText.FromHost(new FileInfo(path).LinkTarget ?? throw new ErrnoException(Errno.ENOENT));

    internal override FileKind Kind => FileKind.SymbolicLink;

    internal override Ownership Ownership => mount.Ownership(path);

    internal override FileStatus Status => HostNode.Status(Volume, mount, path, Kind);

    public Inode? Follow(Process process) => null;

    internal override bool IsSame(Inode other) => other is HostLink link && link.HostPath == path;

    internal override ValueTask<OpenFile> OpenAsync(Process process, OpenFlags flags, string openPath) =>
        throw new ErrnoException(Errno.ELOOP);

    internal override void ChangeOwner(uint? user, uint? group)
    {
        var owner = Ownership;
        mount.Run(path, checkedPath => mount.ChangeOwner(checkedPath, user ?? owner.UserId, group ?? owner.GroupId));
    }
}

/// <summary>A regular file of the host; a device, FIFO or socket of it cannot be opened.</summary>
internal sealed class HostFile(Volume volume, HostMount mount, string path, FileKind kind) : Inode(volume), IHostNode, IProgramFile
{
    public string HostPath => path;

    internal override FileKind Kind => kind;

    internal override Ownership Ownership => mount.Ownership(path);

    internal override FileStatus Status => HostNode.Status(Volume, mount, path, Kind);

    public int ReadHead(Span<byte> buffer)
    {
        var head = new byte[buffer.Length];
        var count = kind != FileKind.Regular ? throw new ErrnoException(Errno.EACCES) : mount.Run(path, checkedPath =>
        {
            using var handle = File.OpenHandle(checkedPath, options: FileOptions.None, share: FileShare.ReadWrite | FileShare.Delete);
            return RandomAccess.Read(handle, head, 0);
        });
        head.AsSpan(0, count).CopyTo(buffer);
        return count;
    }

    internal override bool IsSame(Inode other) => other is HostFile file && file.HostPath == path;

    internal override ValueTask<OpenFile> OpenAsync(Process process, OpenFlags flags, string openPath)
    {
        if (kind != FileKind.Regular)
        {
            throw new ErrnoException(Errno.ENXIO);
        }

        var access = (flags & (OpenFlags.Read | OpenFlags.Write)) switch
        {
            OpenFlags.Write => FileAccess.Write,
            OpenFlags.Read | OpenFlags.Write => FileAccess.ReadWrite,
            _ => FileAccess.Read,
        };
        var handle = mount.Run(path, checkedPath => Look(checkedPath, access));
        return new(new OpenHostFile(this, handle, flags, openPath));
    }

    internal override void Truncate(Process process, long length)
    {
        RequireWritable();
        mount.Run(path, checkedPath =>
        {
            using var handle = Look(checkedPath, FileAccess.Write);
            RandomAccess.SetLength(handle, length);
        });
    }

    internal override void ChangeMode(int mode) => mount.Run(path, checkedPath => mount.ChangeMode(checkedPath, mode));

    internal override void ChangeOwner(uint? user, uint? group)
    {
        var owner = Ownership;
        mount.Run(path, checkedPath => mount.ChangeOwner(checkedPath, user ?? owner.UserId, group ?? owner.GroupId));
    }

    internal override void SetTimes(DateTimeOffset? accessed, DateTimeOffset? modified) =>
        mount.Run(path, checkedPath => HostNode.SetTimes(checkedPath, accessed, modified));

    // The last component, too, must still be no link.
    private static Microsoft.Win32.SafeHandles.SafeFileHandle Look(string path, FileAccess access) =>
        HostMount.Look(path) == FileKind.Regular
            ? File.OpenHandle(path, FileMode.Open, access, FileShare.ReadWrite | FileShare.Delete)
            : throw new ErrnoException(Errno.ENOENT);
}
