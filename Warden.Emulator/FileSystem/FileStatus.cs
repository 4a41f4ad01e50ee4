namespace Warden.Emulator.FileSystem;

/// <summary>The kinds of files.</summary>
public enum FileKind
{
#pragma warning disable CS1591 // The names are stat(2)'s.
    Regular, Directory, SymbolicLink, CharacterDevice, BlockDevice, Fifo, Socket,
#pragma warning restore CS1591
}

/// <summary>What stat(2) says of a file.</summary>
public sealed record FileStatus
{
    /// <summary>The kind.</summary>
    public required FileKind Kind { get; init; }

    /// <summary>Permission bits with set-uid, set-gid and sticky: 0 to 07777.</summary>
    public required int Mode { get; init; }

    /// <summary>The owner.</summary>
    public required uint UserId { get; init; }

    /// <summary>The group.</summary>
    public required uint GroupId { get; init; }

    /// <summary>Bytes; of a symbolic link, its target's length.</summary>
    public required long Size { get; init; }

    /// <summary>Hard links.</summary>
    public int Links { get; init; } = 1;

    /// <summary>The inode's number, unique within <see cref="Device"/>.</summary>
    public long Inode { get; init; }

    /// <summary>The number of the file system.</summary>
    public int Device { get; init; }

    /// <summary>Major and minor of a device file.</summary>
    public (int Major, int Minor) DeviceNumber { get; init; }

    /// <summary>Last change of the content.</summary>
    public required DateTimeOffset Modified { get; init; }

    /// <summary>Last change of the inode.</summary>
    public DateTimeOffset Changed { get; init; }

    /// <summary>Last read.</summary>
    public DateTimeOffset Accessed { get; init; }

    /// <summary>Blocks of 512 bytes that are allocated.</summary>
    public long Blocks { get; init; }
}

/// <summary>One name in a directory.</summary>
/// <param name="Name">The name.</param>
/// <param name="Kind">The kind of file that it names.</param>
public readonly record struct DirectoryEntry(string Name, FileKind Kind);

/// <summary>The flags of open(2).</summary>
[Flags]
public enum OpenFlags
{
#pragma warning disable CS1591 // The names are open(2)'s.
    Read = 1, Write = 2, Create = 4, Exclusive = 8, Truncate = 16, Append = 32, Directory = 64, NoFollow = 128, NonBlocking = 256,
#pragma warning restore CS1591
}
