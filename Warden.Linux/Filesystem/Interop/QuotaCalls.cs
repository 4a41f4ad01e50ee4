using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Warden.Linux.Filesystem.Interop;

/// <summary>
/// The commands of quotactl(2) and their arguments (linux/quota.h, linux/dqblk_xfs.h). The kernel answers each for every file system that
/// has user quotas, ext4 and XFS alike, whichever of them a command was made for.
/// </summary>
internal static unsafe partial class QuotaCalls
{
    /// <summary>The times of grace.</summary>
    public const uint GetInformation = 0x800005;

    public const uint SetInformation = 0x800006;

    /// <summary>A user's limits and usage.</summary>
    public const uint GetQuota = 0x800007;

    public const uint SetQuota = 0x800008;

    /// <summary>The same of the first user with such a number or a higher one.</summary>
    public const uint GetNextQuota = 0x800009;

    /// <summary>What is counted and what is limited.</summary>
    public const uint GetState = ('X' << 8) + 5;

    public const uint SpaceLimits = 1;
    public const uint InodeLimits = 4;

    public const ushort CountsUsers = 1;
    public const ushort LimitsUsers = 2;

    private const nint QuotaControlFile = 443;

    /// <summary>quotactl_fd(2), of Linux 5.14: the file system is that of an open file. Answers the errno, or 0.</summary>
    public static int Control(SafeFileHandle file, uint command, uint user, void* argument) =>
        QuotaControl(QuotaControlFile, file, OfUsers(command), user, argument) < 0 ? Marshal.GetLastPInvokeError() : 0;

    /// <summary>quotactl(2): the file system is that on a block device.</summary>
    public static int Control(FileName device, uint command, uint user, void* argument)
    {
        fixed (byte* special = device)
        {
            return QuotaControl(OfUsers(command), special, user, argument) < 0 ? Marshal.GetLastPInvokeError() : 0;
        }
    }

    // QCMD of USRQUOTA, which is 0.
    private static uint OfUsers(uint command) => command << 8;

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint QuotaControl(nint number, SafeFileHandle file, nuint command, nuint id, void* argument);

    [LibraryImport("libc", EntryPoint = "quotactl", SetLastError = true)]
    private static partial int QuotaControl(uint command, byte* special, uint id, void* argument);

    /// <summary>struct if_dqblk. Limits of space are in blocks of 1024 bytes, the usage is in bytes; 0 is no limit.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct UserBlock
    {
        public ulong BlockHard;
        public ulong BlockSoft;
        public ulong Bytes;
        public ulong InodeHard;
        public ulong InodeSoft;
        public ulong Inodes;
        public ulong BlockTime;
        public ulong InodeTime;
        public uint Valid;
    }

    /// <summary>struct if_nextdqblk.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct NextUserBlock
    {
        public ulong BlockHard;
        public ulong BlockSoft;
        public ulong Bytes;
        public ulong InodeHard;
        public ulong InodeSoft;
        public ulong Inodes;
        public ulong BlockTime;
        public ulong InodeTime;
        public uint Valid;
        public uint User;
    }

    /// <summary>struct if_dqinfo: times in seconds.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct GraceTimes
    {
        public ulong Blocks;
        public ulong Inodes;
        public uint Flags;
        public uint Valid;
    }

    /// <summary>struct fs_quota_stat; only what is read here is named.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    internal struct QuotaState
    {
        [FieldOffset(2)]
        public ushort Flags;
    }
}
