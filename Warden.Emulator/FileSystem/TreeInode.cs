using Warden.Emulator.Machine;

namespace Warden.Emulator.FileSystem;

/// <summary>A file of a container's own tree. What comes from the image takes no disk of the container until it is written to.</summary>
internal abstract class TreeInode : Inode
{
    /// <summary>The time of everything in an image: there is no better one, and it makes listings repeatable.</summary>
    internal static readonly long ImageTime = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero).UtcTicks;

    private readonly long _number;
    private long _accessed;
    private long _modified;
    private long _changed;

    protected TreeInode(Volume volume, ImageNode image)
        : base(volume)
    {
        _number = volume.Container.NextInode();
        Mode = image.Mode;
        UserId = image.UserId == ImageNode.ContainerUser ? volume.Container.UserId : image.UserId;
        GroupId = image.GroupId == ImageNode.ContainerUser ? volume.Container.UserId : image.GroupId;
        _accessed = _modified = _changed = ImageTime;
    }

    protected TreeInode(Volume volume, int mode, uint user, uint group)
        : base(volume)
    {
        _number = volume.Container.NextInode();
        Mode = mode;
        UserId = user;
        GroupId = group;
        IsCharged = true;
        _accessed = _modified = _changed = Now;
    }

    internal override Ownership Ownership => new(Mode, UserId, GroupId);

    /// <summary>Names that lead here.</summary>
    internal int Links { get; set; } = 1;

    /// <summary>Open descriptions that keep the file although it has no name.</summary>
    internal int OpenCount { get; set; }

    internal override FileStatus Status => new()
    {
        Kind = Kind,
        Mode = Mode,
        UserId = UserId,
        GroupId = GroupId,
        Size = Size,
        Links = LinkCount,
        Inode = _number,
        Device = Volume.Device,
        DeviceNumber = DeviceNumber,
        Modified = new(_modified, TimeSpan.Zero),
        Changed = new(_changed, TimeSpan.Zero),
        Accessed = new(_accessed, TimeSpan.Zero),
        Blocks = Blocks * 2,
    };

    protected int Mode { get; private set; }

    protected uint UserId { get; private set; }

    protected uint GroupId { get; private set; }

    /// <summary>Whether inode and blocks are accounted to the owner.</summary>
    protected bool IsCharged { get; private set; }

    protected abstract long Size { get; }

    /// <summary>Allocated blocks of 1024 bytes.</summary>
    protected virtual long Blocks => 0;

    protected virtual int LinkCount => Links;

    protected virtual (int Major, int Minor) DeviceNumber => default;

    private long Now => Volume.Container.Clock.GetUtcNow().UtcTicks;

    internal override void ChangeMode(int mode)
    {
        RequireWritable();
        Mode = mode & 0xFFF;
        _changed = Now;
    }

    internal override void ChangeOwner(uint? user, uint? group)
    {
        RequireWritable();
        if (user is { } owner && owner != UserId)
        {
            if (IsCharged)
            {
                Volume.ChargeInode(null, UserId, -1);
                Volume.ChargeInode(null, owner, 1);
                if (Volume.IsDisk)
                {
                    Volume.ChargeBlocks(null, UserId, -Blocks);
                    Volume.ChargeBlocks(null, owner, Blocks);
                }
            }

            UserId = owner;
        }

        GroupId = group ?? GroupId;
        _changed = Now;
    }

    internal override void SetTimes(DateTimeOffset? accessed, DateTimeOffset? modified)
    {
        RequireWritable();
        _accessed = accessed?.UtcTicks ?? _accessed;
        _modified = modified?.UtcTicks ?? _modified;
        _changed = Now;
    }

    /// <summary>A name of the file was removed.</summary>
    internal void Unlinked()
    {
        Links--;
        _changed = Now;
        FreeWhenUnused();
    }

    /// <summary>An open description was closed.</summary>
    internal void Closed()
    {
        OpenCount--;
        FreeWhenUnused();
    }

    /// <summary>Accounts the file to the disk when it was only in the image so far.</summary>
    internal void CopyUp(Process? process)
    {
        if (!IsCharged)
        {
            Volume.ChargeInode(process, UserId, 1);
            IsCharged = true;
        }
    }

    /// <summary>Notes a change of the content.</summary>
    internal void Touch()
    {
        _modified = _changed = Now;
    }

    /// <summary>Notes a change of the inode.</summary>
    internal void TouchChanged() => _changed = Now;

    /// <summary>Notes a read: the first one after a change counts, as with relatime.</summary>
    internal void TouchAccessed()
    {
        if (_accessed <= _modified)
        {
            _accessed = Now;
        }
    }

    /// <summary>Drops the set-id bits, as a write by anyone but root does.</summary>
    protected void DropSetId(Process process)
    {
        if ((Mode & 0xC00) != 0 && process.UserId != 0)
        {
            Mode &= ~0xC00;
        }
    }

    /// <summary>Drops the content.</summary>
    protected virtual void Free()
    {
    }

    private void FreeWhenUnused()
    {
        if (Links > 0 || OpenCount > 0)
        {
            return;
        }

        var blocks = Blocks;
        Free();
        if (IsCharged)
        {
            Volume.ChargeBlocks(null, UserId, -blocks);
            Volume.ChargeInode(null, UserId, -1);
            IsCharged = false;
        }
    }
}

/// <summary>A symbolic link of the tree.</summary>
internal sealed class TreeLink : TreeInode, ISymbolicLink
{
    internal TreeLink(Volume volume, ImageNode image, string target)
        : base(volume, image) => Target = target;

    internal TreeLink(Volume volume, uint user, uint group, string target)
        : base(volume, 0x1FF, user, group) => Target = target;

    public string Target { get; }

    internal override FileKind Kind => FileKind.SymbolicLink;

    protected override long Size => Target.Length;

    public Inode? Follow(Process process) => null;

    internal override ValueTask<OpenFile> OpenAsync(Process process, OpenFlags flags, string path) => throw new ErrnoException(Errno.ELOOP);
}

/// <summary>A FIFO of the tree.</summary>
internal sealed class TreeFifo(Volume volume, int mode, uint user, uint group) : TreeInode(volume, mode, user, group)
{
    private Pipe? _pipe;

    internal override FileKind Kind => FileKind.Fifo;

    protected override long Size => 0;

    internal override ValueTask<OpenFile> OpenAsync(Process process, OpenFlags flags, string path)
    {
        Pipe pipe;
        lock (Volume.Container.Gate)
        {
            pipe = _pipe ??= new Pipe(Volume.Container.NextPipe());
        }

        return pipe.OpenFifoAsync(process, flags, path, this);
    }
}

/// <summary>A device of the tree.</summary>
internal sealed class TreeDevice : TreeInode
{
    internal TreeDevice(Volume volume, ImageNode image, FileKind kind, (int Major, int Minor) number)
        : base(volume, image)
    {
        Kind = kind;
        DeviceNumber = number;
    }

    internal TreeDevice(Volume volume, int mode, uint user, uint group, FileKind kind, (int Major, int Minor) number)
        : base(volume, mode, user, group)
    {
        Kind = kind;
        DeviceNumber = number;
    }

    internal override FileKind Kind { get; }

    protected override long Size => 0;

    protected override (int Major, int Minor) DeviceNumber { get; }

    internal override ValueTask<OpenFile> OpenAsync(Process process, OpenFlags flags, string path) =>
        new(Device.Open(Kind, DeviceNumber, flags, path, this));
}
