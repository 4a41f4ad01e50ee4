using System.Runtime.InteropServices;

namespace Warden.Linux.Filesystem.Interop;

/// <summary>struct statx of statx(2): the same on every architecture. Only what is read here is named.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct FileStatus
{
    [FieldOffset(8)]
    public ulong Attributes;

    [FieldOffset(16)]
    public uint Links;

    [FieldOffset(20)]
    public uint UserId;

    [FieldOffset(24)]
    public uint GroupId;

    [FieldOffset(28)]
    public ushort RawMode;

    [FieldOffset(32)]
    public ulong Inode;

    [FieldOffset(40)]
    public long Size;

    [FieldOffset(48)]
    public long Blocks;

    [FieldOffset(136)]
    public ulong Device;

    private const ulong MountRoot = 0x2000;

    /// <summary>The permission bits with set-user-id, set-group-id and sticky.</summary>
    public readonly uint Mode => RawMode & 0xFFFu;

    public readonly bool IsDirectory => (RawMode & 0xF000) == 0x4000;

    public readonly bool IsRegular => (RawMode & 0xF000) == 0x8000;

    public readonly bool IsLink => (RawMode & 0xF000) == 0xA000;

    /// <summary>What no two files have alike at one time.</summary>
    public readonly (ulong Device, ulong Inode) Identity => (Device, Inode);

    /// <summary>Whether something is mounted here.</summary>
    public readonly bool IsMountRoot => (Attributes & MountRoot) != 0;

    /// <summary>Whether blocks of 512 bytes are missing somewhere in the file (stat(2)).</summary>
    public readonly bool IsSparse => Blocks * 512 < Size;
}
