using Warden.Emulator.Machine;

namespace Warden.Emulator.FileSystem;

/// <summary>A file of a root image: immutable and shared by every container that starts from it.</summary>
internal abstract class ImageNode(int mode)
{
    /// <summary>The owner that stands for the container's unprivileged user, whose number differs from container to container.</summary>
    internal const uint ContainerUser = uint.MaxValue - 1;

    internal int Mode { get; } = mode;

    internal uint UserId { get; init; }

    internal uint GroupId { get; init; }

    internal abstract FileKind Kind { get; }

    /// <summary>The file as a container has it.</summary>
    internal abstract Inode Materialise(Volume volume);
}

/// <summary>A directory of an image. Its children may be replaced as a whole when a program is added.</summary>
internal class ImageDirectory(int mode) : ImageNode(mode)
{
    private volatile IReadOnlyDictionary<string, ImageNode> _children = new Dictionary<string, ImageNode>();

    internal virtual IReadOnlyDictionary<string, ImageNode> Children => _children;

    /// <summary>What is mounted here, as the type of a file system; null for an ordinary directory.</summary>
    internal string? MountType { get; init; }

    internal override FileKind Kind => FileKind.Directory;

    internal void Add(string name, ImageNode node) =>
        _children = new Dictionary<string, ImageNode>(_children, StringComparer.Ordinal) { [name] = node };

    /// <summary>Adds without a copy: only while nobody else sees the image.</summary>
    internal void Build(string name, ImageNode node) => ((Dictionary<string, ImageNode>)_children)[name] = node;

    internal override Inode Materialise(Volume volume) => new TreeDirectory(volume, this);
}

/// <summary>A regular file of an image.</summary>
internal class ImageFile(int mode, byte[] content) : ImageNode(mode)
{
    internal virtual ReadOnlyMemory<byte> Content => content;

    internal virtual long Length => content.Length;

    internal override FileKind Kind => FileKind.Regular;

    internal override Inode Materialise(Volume volume) => new TreeFile(volume, this);
}

/// <summary>A regular file whose content depends on the container.</summary>
internal sealed class ImageText(int mode, Func<EmulatedContainer, string> text) : ImageNode(mode)
{
    internal override FileKind Kind => FileKind.Regular;

    internal override Inode Materialise(Volume volume) =>
        new TreeFile(volume, new ImageFile(Mode, ByteText.ToBytes(text(volume.Container))) { UserId = UserId, GroupId = GroupId });
}

/// <summary>A symbolic link of an image.</summary>
internal sealed class ImageLink(string target) : ImageNode(0x1FF)
{
    internal string Target => target;

    internal override FileKind Kind => FileKind.SymbolicLink;

    internal override Inode Materialise(Volume volume) => new TreeLink(volume, this, target);
}

/// <summary>A device of an image.</summary>
internal sealed class ImageDevice(int mode, int major, int minor) : ImageNode(mode)
{
    internal override FileKind Kind => FileKind.CharacterDevice;

    internal override Inode Materialise(Volume volume) => new TreeDevice(volume, this, FileKind.CharacterDevice, (major, minor));
}

/// <summary>A directory whose content is computed: /proc.</summary>
internal sealed class ImageComputed(int mode, Func<Volume, Inode> make) : ImageNode(mode)
{
    internal override FileKind Kind => FileKind.Directory;

    internal override Inode Materialise(Volume volume) => make(volume);
}
