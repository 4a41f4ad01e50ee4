using Warden.Emulator.Machine;

namespace Warden.Emulator.FileSystem;

/// <summary>A file of /proc whose text is computed when it is opened.</summary>
internal sealed class ProcFile(Volume volume, Func<string> text, uint user = 0) : Inode(volume)
{
    private readonly long _number = volume.Container.NextInode();

    internal override FileKind Kind => FileKind.Regular;

    internal override Ownership Ownership => new(0x124, user, user);

    internal override FileStatus Status => ProcDirectory.MakeStatus(this, 1, _number);

    internal override ValueTask<OpenFile> OpenAsync(Process process, OpenFlags flags, string path)
    {
        lock (Volume.Container.Gate)
        {
            return new(new OpenText(this, path, ByteText.ToBytes(text())));
        }
    }

    internal override void Truncate(Process process, long length)
    {
    }

    private sealed class OpenText(Inode inode, string path, byte[] content) : OpenFile
    {
        private long _offset;

        public override FileStatus Status
        {
            get
            {
                lock (inode.Volume.Container.Gate)
                {
                    return inode.Status;
                }
            }
        }

        public override string Name => path;

        internal override Inode Inode => inode;

        public override ValueTask<int> ReadAsync(Process process, Memory<byte> buffer)
        {
            var offset = (int)Math.Min(_offset, content.Length);
            var count = Math.Min(buffer.Length, content.Length - offset);
            content.AsSpan(offset, count).CopyTo(buffer.Span);
            _offset = offset + count;
            return new(count);
        }

        public override long Seek(long offset, SeekOrigin origin)
        {
            var target = origin == SeekOrigin.Begin ? offset : origin == SeekOrigin.Current ? _offset + offset : content.Length + offset;
            return target < 0 ? throw new ErrnoException(Errno.EINVAL) : _offset = target;
        }
    }
}

/// <summary>A symbolic link of /proc; following it may lead where no path does.</summary>
internal sealed class ProcLink(Volume volume, Func<Process, Inode?>? follow, Func<string> target, uint user = 0)
    : Inode(volume), ISymbolicLink
{
    private readonly long _number = volume.Container.NextInode();

    public string Target => target();

    internal override FileKind Kind => FileKind.SymbolicLink;

    internal override Ownership Ownership => new(0x1FF, user, user);

    internal override FileStatus Status => ProcDirectory.MakeStatus(this, 1, _number);

    public Inode? Follow(Process process) => follow?.Invoke(process);

    internal override ValueTask<OpenFile> OpenAsync(Process process, OpenFlags flags, string path) => throw new ErrnoException(Errno.ELOOP);
}

/// <summary>A directory of /proc.</summary>
internal sealed class ProcDirectory(
    Volume volume, Func<Process, string, Inode?> find, Func<Process, IEnumerable<DirectoryEntry>> list, uint user = 0, int mode = 0x16D)
    : DirectoryInode(volume)
{
    internal override Ownership Ownership => new(mode, user, user);

    internal override FileStatus Status => MakeStatus(this, 2, NumberOf(Path));

    internal override Inode? Find(Process process, string name)
    {
        var node = find(process, name);
        if (node is DirectoryInode directory)
        {
            directory.Parent = this;
            directory.Name = name;
        }

        return node;
    }

    internal override IReadOnlyList<DirectoryEntry> List(Process process) => [.. list(process)];

    internal override Inode Create(Process process, string name, FileKind kind, int mode, (int Major, int Minor) device) =>
        throw new ErrnoException(Errno.ENOENT);

    internal override void CreateDirectory(Process process, string name, int mode) => throw new ErrnoException(Errno.ENOENT);

    // The same for every look at a directory, so that who walks the tree can tell directories apart.
    private static long NumberOf(string path)
    {
        long number = 17;
        foreach (var character in path)
        {
            number = unchecked((number * 31) + character);
        }

        return number & 0xFFFFFFFF;
    }

    internal static FileStatus MakeStatus(Inode inode, int links, long number)
    {
        var owner = inode.Ownership;
        var now = inode.Volume.Container.Clock.GetUtcNow();
        return new()
        {
            Kind = inode.Kind,
            Mode = owner.Mode,
            UserId = owner.UserId,
            GroupId = owner.GroupId,
            Size = inode is ISymbolicLink ? 64 : 0,
            Links = links,
            Inode = number,
            Device = inode.Volume.Device,
            Modified = now,
            Changed = now,
            Accessed = now,
        };
    }
}

/// <summary>An open file that is no file of the tree, as /proc/PID/fd leads to it: opening it gives the same description.</summary>
internal sealed class OpenFileInode(Volume volume, OpenFile file) : Inode(volume)
{
    internal override FileKind Kind => file.Status.Kind;

    // Whoever holds a descriptor may use it again, whoever made the pipe: scripts write to /dev/stderr.
    internal override Ownership Ownership => new(0x1B6, 0, 0);

    internal override FileStatus Status => file.Status;

    internal override ValueTask<OpenFile> OpenAsync(Process process, OpenFlags flags, string path) => new(file);

    internal override void Truncate(Process process, long length)
    {
    }
}
