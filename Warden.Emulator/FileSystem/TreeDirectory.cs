using Warden.Emulator.Machine;

namespace Warden.Emulator.FileSystem;

/// <summary>
/// A directory of a container's tree. One that comes from the image keeps only what was looked up, until a name in it changes; from
/// then on it has all its names itself.
/// </summary>
internal sealed class TreeDirectory : DirectoryInode
{
    private const int SetGroup = 0x400;
    private const int DirectoryBlocks = 4;

    private readonly ImageDirectory? _image;
    private readonly State _state;
    private Dictionary<string, Entry>? _entries;
    private IReadOnlyDictionary<string, ImageNode>? _merged;
    private long _order;
    private bool _reordered;
    private int _subdirectories;

    internal TreeDirectory(Volume volume, ImageDirectory image)
        : base(volume)
    {
        _image = image;
        _state = new State(this, volume, image);
    }

    private TreeDirectory(Volume volume, int mode, uint user, uint group)
        : base(volume) => _state = new State(this, volume, mode, user, group);

    internal override Ownership Ownership => _state.Ownership;

    internal override FileStatus Status => _state.Status;

    internal override void ChangeMode(int mode) => _state.ChangeMode(mode);

    internal override void ChangeOwner(uint? user, uint? group) => _state.ChangeOwner(user, group);

    internal override void SetTimes(DateTimeOffset? accessed, DateTimeOffset? modified) => _state.SetTimes(accessed, modified);

    internal override Inode? Find(Process process, string name) => Find(name);

    /// <summary>The file of a name, or null.</summary>
    internal Inode? Find(string name)
    {
        if (_merged is not null && _merged != _image!.Children)
        {
            TakeNames();
        }

        if (_entries is not null && _entries.TryGetValue(name, out var entry))
        {
            if (entry.Node is null)
            {
                entry = entry with { Node = Materialise(name, entry.Image!) };
                _entries[name] = entry;
            }

            return entry.Node;
        }

        if (_image is null || _merged is not null || !_image.Children.TryGetValue(name, out var image))
        {
            return null;
        }

        var node = Materialise(name, image);
        (_entries ??= new(StringComparer.Ordinal)).Add(name, new Entry(node, image, _order++));
        return node;
    }

    internal override IReadOnlyList<DirectoryEntry> List(Process process)
    {
        if (_image is not null && _merged is null)
        {
            return [.. _image.Children.Select(child => new DirectoryEntry(
                child.Key, _entries is not null && _entries.TryGetValue(child.Key, out var own) ? own.Kind : child.Value.Kind))];
        }

        TakeNames();
        IEnumerable<KeyValuePair<string, Entry>> entries = _entries!;
        if (_reordered)
        {
            entries = entries.OrderBy(entry => entry.Value.Order);
        }

        return [.. entries.Select(entry => new DirectoryEntry(entry.Key, entry.Value.Kind))];
    }

    internal override Inode Create(Process process, string name, FileKind kind, int mode, (int Major, int Minor) device)
    {
        if (kind is FileKind.Directory or FileKind.SymbolicLink or FileKind.Socket)
        {
            throw new ErrnoException(Errno.EINVAL);
        }

        var (user, group) = OwnersFor(process);
        Volume.ChargeInode(process, user, 1);
        TreeInode node = kind switch
        {
            FileKind.Regular => new TreeFile(Volume, mode, user, group),
            FileKind.Fifo => new TreeFifo(Volume, mode, user, group),
            _ => new TreeDevice(Volume, mode, user, group, kind, device),
        };
        Insert(name, node);
        return node;
    }

    internal override void CreateDirectory(Process process, string name, int mode)
    {
        var (user, group) = OwnersFor(process);
        AddDirectory(process, name, mode | (_state.Ownership.Mode & SetGroup), user, group);
    }

    internal override void CreateLink(Process process, string name, string target)
    {
        var (user, group) = OwnersFor(process);
        Volume.ChargeInode(process, user, 1);
        Insert(name, new TreeLink(Volume, user, group, target));
    }

    internal override void Link(Process process, string name, Inode target)
    {
        if (target is not TreeInode node)
        {
            throw new ErrnoException(Errno.EPERM);
        }

        node.Links++;
        node.TouchChanged();
        Insert(name, node);
    }

    internal override void Remove(Process process, string name, Inode node)
    {
        RequireEmpty(node);
        Detach(name);
        Release(node);
    }

    internal override void Rename(Process process, string name, Inode node, DirectoryInode target, string targetName, Inode? replaced)
    {
        var directory = (TreeDirectory)target;
        if (replaced is not null)
        {
            RequireEmpty(replaced);
            directory.Detach(targetName);
            Release(replaced);
        }

        Detach(name);
        directory.Insert(targetName, node);
        if (node is TreeInode file)
        {
            file.TouchChanged();
        }
    }

    /// <summary>Makes a directory whose owner is given.</summary>
    internal TreeDirectory AddDirectory(Process? process, string name, int mode, uint user, uint group)
    {
        Volume.ChargeInode(process, user, 1);
        try
        {
            Volume.ChargeBlocks(process, user, Volume.IsDisk ? DirectoryBlocks : 0);
        }
        catch (ErrnoException)
        {
            Volume.ChargeInode(process, user, -1);
            throw;
        }

        var directory = new TreeDirectory(Volume, mode, user, group);
        Insert(name, directory);
        return directory;
    }

    internal override void Mount(string name, Inode node)
    {
        TakeNames();
        if (_entries!.TryGetValue(name, out var old) && old.Kind == FileKind.Directory)
        {
            _subdirectories--;
        }

        _entries[name] = new Entry(node, null, old.Kind == default && old.Node is null ? _order++ : old.Order);
        Adopt(name, node);
    }

    private static void RequireEmpty(Inode node)
    {
        if (node is TreeDirectory directory)
        {
            directory.TakeNames();
            if (directory._entries!.Count > 0)
            {
                throw new ErrnoException(Errno.ENOTEMPTY);
            }
        }
    }

    private static void Release(Inode node)
    {
        if (node is TreeDirectory directory)
        {
            directory.IsRemoved = true;
            directory._state.Unlinked();
        }
        else
        {
            ((TreeInode)node).Unlinked();
        }
    }

    private (uint User, uint Group) OwnersFor(Process process)
    {
        var own = _state.Ownership;
        return (process.UserId, (own.Mode & SetGroup) != 0 ? own.GroupId : process.PrimaryGroupId);
    }

    private Inode Materialise(string name, ImageNode image)
    {
        var node = image.Materialise(image is ImageDirectory { MountType: { } type }
            ? Volume.Container.AddVolume(type, Path is "/" ? "/" + name : Path + "/" + name)
            : Volume);
        if (node is DirectoryInode directory)
        {
            directory.Parent = this;
            directory.Name = name;
        }

        return node;
    }

    // Takes over the names of the image that were not taken over yet: all of them the first time, later those of added programs.
    private void TakeNames()
    {
        _entries ??= new(StringComparer.Ordinal);
        if (_image is null || _merged == _image.Children)
        {
            return;
        }

        var children = _image.Children;
        foreach (var (name, image) in children)
        {
            if (_merged is null || !_merged.ContainsKey(name))
            {
                if (_entries.TryAdd(name, new Entry(null, image, _order++)) && image.Kind == FileKind.Directory)
                {
                    _subdirectories++;
                }
                else if (_merged is null && image.Kind == FileKind.Directory)
                {
                    _subdirectories++;
                }
            }
        }

        _merged = children;
    }

    private void Insert(string name, Inode node)
    {
        TakeNames();
        _entries!.Add(name, new Entry(node, null, _order++));
        Adopt(name, node);
        _state.Touch();
    }

    private void Adopt(string name, Inode node)
    {
        if (node is DirectoryInode directory)
        {
            directory.Parent = this;
            directory.Name = name;
            _subdirectories++;
        }
    }

    private void Detach(string name)
    {
        TakeNames();
        if (_entries!.Remove(name, out var entry))
        {
            _reordered = true;
            if (entry.Kind == FileKind.Directory)
            {
                _subdirectories--;
            }
        }

        _state.Touch();
    }

    private readonly record struct Entry(Inode? Node, ImageNode? Image, long Order)
    {
        public FileKind Kind => Node?.Kind ?? Image?.Kind ?? default;
    }

    /// <summary>The inode's attributes; a directory cannot be a <see cref="TreeInode"/> and a <see cref="DirectoryInode"/> at once.</summary>
    private sealed class State : TreeInode
    {
        private readonly TreeDirectory _directory;

        internal State(TreeDirectory directory, Volume volume, ImageNode image)
            : base(volume, image) => _directory = directory;

        internal State(TreeDirectory directory, Volume volume, int mode, uint user, uint group)
            : base(volume, mode, user, group) => _directory = directory;

        internal override FileKind Kind => FileKind.Directory;

        protected override long Size => Volume.IsDisk ? 4096 : 40 + (20 * (_directory._entries?.Count ?? 0));

        protected override long Blocks => Volume.IsDisk ? DirectoryBlocks : 0;

        protected override int LinkCount => _directory.IsRemoved ? 0 : 2 + _directory.CountSubdirectories();

        internal override ValueTask<OpenFile> OpenAsync(Process process, OpenFlags flags, string path) =>
            throw new ErrnoException(Errno.EISDIR);
    }

    private int CountSubdirectories() => _image is not null && _merged is null
        ? _image.Children.Count(child => child.Value.Kind == FileKind.Directory)
        : _subdirectories;
}
