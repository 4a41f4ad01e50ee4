using Warden.Emulator.Machine;

namespace Warden.Emulator.FileSystem;

/// <summary>
/// A file of any kind in a container's tree. Members are called with the container's gate held, except <see cref="OpenAsync"/>.
/// Permissions are the caller's matter (<see cref="Permissions"/>); a read-only volume is not.
/// </summary>
internal abstract class Inode(Volume volume)
{
    /// <summary>The mounted file system that the file is on.</summary>
    internal Volume Volume { get; } = volume;

    /// <summary>The kind.</summary>
    internal abstract FileKind Kind { get; }

    /// <summary>Permission bits and owners.</summary>
    internal abstract Ownership Ownership { get; }

    /// <summary>What stat(2) says.</summary>
    internal abstract FileStatus Status { get; }

    /// <summary>Changes the permission bits, with set-uid, set-gid and sticky.</summary>
    internal virtual void ChangeMode(int mode) => throw new ErrnoException(Errno.EPERM);

    /// <summary>Changes the owners; null leaves one.</summary>
    internal virtual void ChangeOwner(uint? user, uint? group) => throw new ErrnoException(Errno.EPERM);

    /// <summary>Changes the times; null leaves one.</summary>
    internal virtual void SetTimes(DateTimeOffset? accessed, DateTimeOffset? modified) => throw new ErrnoException(Errno.EPERM);

    /// <summary>Sets the length of a regular file.</summary>
    internal virtual void Truncate(Process process, long length) =>
        throw new ErrnoException(Kind == FileKind.Directory ? Errno.EISDIR : Errno.EINVAL);

    /// <summary>Makes an open file description. Called without the gate, after the permissions were checked.</summary>
    internal abstract ValueTask<OpenFile> OpenAsync(Process process, OpenFlags flags, string path);

    /// <summary>Whether both stand for the same file.</summary>
    internal virtual bool IsSame(Inode other) => ReferenceEquals(this, other);

    /// <summary>Throws EROFS on a read-only volume.</summary>
    internal void RequireWritable()
    {
        if (Volume.IsReadOnly)
        {
            throw new ErrnoException(Errno.EROFS);
        }
    }
}

/// <summary>A file's permission bits and owners.</summary>
internal readonly record struct Ownership(int Mode, uint UserId, uint GroupId);

/// <summary>A symbolic link.</summary>
internal interface ISymbolicLink
{
    /// <summary>The text that readlink(2) gives.</summary>
    string Target { get; }

    /// <summary>What a link of /proc leads to without its text being looked up; null for ordinary links.</summary>
    Inode? Follow(Process process);
}

/// <summary>A directory. A directory has one parent, which makes its path known.</summary>
internal abstract class DirectoryInode(Volume volume) : Inode(volume)
{
    private DirectoryInode? _parent;

    internal override FileKind Kind => FileKind.Directory;

    /// <summary>The directory that .. is; the root's is itself.</summary>
    internal DirectoryInode Parent
    {
        get => _parent ?? this;
        set => _parent = value;
    }

    /// <summary>The name in the parent.</summary>
    internal string Name { get; set; } = "";

    /// <summary>Whether it was removed while still in use.</summary>
    internal bool IsRemoved { get; set; }

    /// <summary>The path from the container's root.</summary>
    internal string Path
    {
        get
        {
            if (ReferenceEquals(Parent, this))
            {
                return "/";
            }

            var names = new Stack<string>();
            for (var directory = this; !ReferenceEquals(directory.Parent, directory); directory = directory.Parent)
            {
                names.Push(directory.Name);
            }

            return "/" + string.Join('/', names) + (IsRemoved ? " (deleted)" : "");
        }
    }

    /// <summary>The file of a name, or null.</summary>
    internal abstract Inode? Find(Process process, string name);

    /// <summary>The names, without . and ..</summary>
    internal abstract IReadOnlyList<DirectoryEntry> List(Process process);

    /// <summary>Makes a regular file, FIFO or device.</summary>
    internal virtual Inode Create(Process process, string name, FileKind kind, int mode, (int Major, int Minor) device) =>
        throw new ErrnoException(Errno.EPERM);

    /// <summary>Makes a directory.</summary>
    internal virtual void CreateDirectory(Process process, string name, int mode) => throw new ErrnoException(Errno.EPERM);

    /// <summary>Makes a symbolic link.</summary>
    internal virtual void CreateLink(Process process, string name, string target) => throw new ErrnoException(Errno.EPERM);

    /// <summary>Makes a hard link.</summary>
    internal virtual void Link(Process process, string name, Inode target) => throw new ErrnoException(Errno.EPERM);

    /// <summary>Removes a name; of a directory, one that is empty.</summary>
    internal virtual void Remove(Process process, string name, Inode node) => throw new ErrnoException(Errno.EPERM);

    /// <summary>Moves a name to a directory of the same volume, in place of what has the name there.</summary>
    internal virtual void Rename(Process process, string name, Inode node, DirectoryInode target, string targetName, Inode? replaced) =>
        throw new ErrnoException(Errno.EPERM);

    /// <summary>Puts the root of another volume in place of a name.</summary>
    internal virtual void Mount(string name, Inode node) => throw new ErrnoException(Errno.EPERM);

    internal override ValueTask<OpenFile> OpenAsync(Process process, OpenFlags flags, string path) =>
        new(new OpenDirectory(this));
}
