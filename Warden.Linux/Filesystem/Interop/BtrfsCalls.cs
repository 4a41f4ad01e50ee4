using System.Runtime.InteropServices;

namespace Warden.Linux.Filesystem.Interop;

/// <summary>The ioctls of btrfs and their arguments (linux/btrfs.h, btrfs-ioctl(2)).</summary>
internal static class BtrfsCalls
{
    public const long FileSystemType = 0x9123683E;

    /// <summary>The inode of a subvolume's root.</summary>
    public const ulong SubvolumeInode = 256;

    public const nuint CreateSubvolume = 0x50009418;
    public const nuint DestroySubvolume = 0x5000943F;
    public const nuint FindSubvolume = 0xD0009412;
    public const nuint SubvolumeInformation = 0x81F8943C;
    public const nuint FileSystemInformation = 0x8400941F;
    public const nuint ControlQuota = 0xC0109428;
    public const nuint CreateQuotaGroup = 0x4010942A;
    public const nuint LimitQuotaGroup = 0x8030942B;
    public const nuint SearchTree = 0xC0709411;

    public const ulong EnableQuota = 1;
    public const ulong LimitReferenced = 1;

    /// <summary>The type of a key in a subvolume's tree that stands for an inode.</summary>
    public const uint InodeItem = 1;

    /// <summary>The first inode that is no file system's own is the root, <see cref="SubvolumeInode"/>; the last comes before this.</summary>
    public const ulong LastInode = unchecked((ulong)-256);

    /// <summary>struct btrfs_ioctl_vol_args_v2 with its name.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 4096)]
    internal unsafe struct VolumeArguments
    {
        public const int NameSize = 4040;

        [FieldOffset(0)]
        public long Descriptor;

        [FieldOffset(16)]
        public ulong Flags;

        [FieldOffset(56)]
        public fixed byte Name[NameSize];
    }

    /// <summary>struct btrfs_ioctl_ino_lookup_args.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 4096)]
    internal struct LookupArguments
    {
        [FieldOffset(0)]
        public ulong Tree;

        [FieldOffset(8)]
        public ulong Inode;
    }

    /// <summary>struct btrfs_ioctl_quota_ctl_args.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct QuotaArguments
    {
        public ulong Command;
        public ulong Status;
    }

    /// <summary>struct btrfs_ioctl_qgroup_create_args.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct GroupArguments
    {
        public ulong Create;
        public ulong Id;
    }

    /// <summary>struct btrfs_ioctl_qgroup_limit_args.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct LimitArguments
    {
        public ulong Id;
        public ulong Flags;
        public ulong Referenced;
        public ulong Exclusive;
        public ulong ReservedReferenced;
        public ulong ReservedExclusive;
    }

    /// <summary>struct btrfs_ioctl_search_args_v2: its key and the size of the buffer that follows.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct SearchArguments
    {
        public ulong Tree;
        public ulong FirstObject;
        public ulong LastObject;
        public ulong FirstOffset;
        public ulong LastOffset;
        public ulong FirstTransaction;
        public ulong LastTransaction;
        public uint FirstType;
        public uint LastType;
        public uint Items;
        public uint Unused;
        public ulong Unused1;
        public ulong Unused2;
        public ulong Unused3;
        public ulong Unused4;
        public ulong BufferSize;
    }

    /// <summary>struct btrfs_ioctl_search_header, before each item found.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct SearchHeader
    {
        public ulong Transaction;
        public ulong Object;
        public ulong Offset;
        public uint Type;
        public uint Length;
    }
}
