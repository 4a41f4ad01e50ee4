using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Warden.Linux.Filesystem.Interop;
using Warden.Linux.Interop;
using Warden.Spec.Backend;
using static Warden.Linux.Filesystem.Interop.QuotaCalls;

namespace Warden.Linux.Filesystem;

/// <summary>The limits and the usage of the users of one file system (quotactl(2)).</summary>
internal sealed unsafe class UserLimits(SafeFileHandle directory, string path)
{
    // What is more in bytes than a file system's largest size is more than any user can reach.
    private const ulong MostBlocks = long.MaxValue / 1024;

    private readonly string? _device = FindDevice(directory);

    /// <summary>Whether the block device is named to the kernel, as before Linux 5.14, though it may take the open file.</summary>
    public bool NamesDevice { get; init; }

    /// <summary>Whether users are counted, and whether they are limited; neither where the file system or the kernel has no user quotas.</summary>
    public (bool Counts, bool Limits) ReadState()
    {
        QuotaState state;
        var errno = Call(GetState, 0, &state);

        // ENOSYS tells of no quota that is on, of a file system that knows none, and of a kernel that does.
        return errno == 0
            ? ((state.Flags & CountsUsers) != 0, (state.Flags & LimitsUsers) != 0)
            : IsOff(errno)
                ? (false, false)
                : throw new LinuxException("ask for the user quotas of the file system of", path, errno);
    }

    /// <summary>Whether a failure says that no user quotas are on (any more), which is no failure of this server.</summary>
    public static bool IsOff(LinuxException failure) => IsOff(failure.Errno);

    /// <summary>A user's limits, and what the user's files take.</summary>
    public (DiskLimits Limits, ulong Bytes, ulong Inodes) Read(uint user)
    {
        UserBlock block;
        var errno = Call(GetQuota, user, &block);
        if (errno == Errno.ENOENT)
        {
            // XFS knows a user from the first file or limit on.
            return default;
        }

        FileAt.Check(errno, $"read the disk quota of user {user} at", path);
        return (new DiskLimits(block.BlockSoft, block.BlockHard, block.InodeSoft, block.InodeHard), block.Bytes, block.Inodes);
    }

    /// <summary>Sets a user's limits. Those that are set already stay untouched: to set a limit anew starts its time of grace anew.</summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public void Set(uint user, DiskLimits limits)
    {
        var (blockSize, blocks) = Size();
        limits = new DiskLimits(
            Soft(Reachable(limits.BlockSoft), Reachable(limits.BlockHard)), Reachable(limits.BlockHard),
            Soft(limits.InodeSoft, limits.InodeHard), limits.InodeHard);
        var present = Read(user).Limits;
        if (present == limits || present == Rounded(limits, blockSize))
        {
            return;
        }

        var errno = TrySet(user, limits);
        if (errno == Errno.ERANGE)
        {
            // The older formats have 32 bits for a limit. One that is more than all there is limits nothing.
            var total = Math.BigMul(blocks, blockSize, out var low) == 0 ? low / 1024 : MostBlocks;
            errno = TrySet(user, limits with { BlockSoft = Below(limits.BlockSoft, total), BlockHard = Below(limits.BlockHard, total) });
        }

        FileAt.Check(errno, $"set the disk quota of user {user} at", path);
    }

    private static bool IsOff(int errno) => errno is Errno.ESRCH or Errno.ENOSYS or Errno.EINVAL or Errno.EOPNOTSUPP or Errno.ENOTBLK;

    private static ulong Reachable(ulong blocks) => blocks > MostBlocks ? 0 : blocks;

    private static ulong Below(ulong blocks, ulong total) => blocks > total ? 0 : blocks;

    // A soft limit over the hard one is never reached; XFS would take neither.
    private static ulong Soft(ulong soft, ulong hard) => hard != 0 && soft > hard ? hard : soft;

    // XFS keeps limits in its own blocks.
    private static DiskLimits Rounded(DiskLimits limits, ulong blockSize)
    {
        var unit = Math.Max(1, blockSize / 1024);
        return limits with { BlockSoft = Up(limits.BlockSoft), BlockHard = Up(limits.BlockHard) };

        ulong Up(ulong blocks) => (blocks + unit - 1) / unit * unit;
    }

    // The device of a file system has the numbers that its files' status names, and a name in /dev by the kernel's own account.
    private static string? FindDevice(SafeFileHandle directory)
    {
        if (FileAt.Status(directory, out var status) != 0)
        {
            return null;
        }

        try
        {
            var numbers = string.Create(CultureInfo.InvariantCulture, $"{(uint)status.Device}:{status.Device >> 32}");
            var name = File.ReadLines($"/sys/dev/block/{numbers}/uevent").FirstOrDefault(line => line.StartsWith("DEVNAME=", StringComparison.Ordinal));
            return name is null ? null : $"/dev/{name["DEVNAME=".Length..]}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private int TrySet(uint user, DiskLimits limits)
    {
        var block = new UserBlock
        {
            BlockHard = limits.BlockHard,
            BlockSoft = limits.BlockSoft,
            InodeHard = limits.InodeHard,
            InodeSoft = limits.InodeSoft,
            Valid = SpaceLimits | InodeLimits,
        };
        return Call(SetQuota, user, &block);
    }

    private (ulong BlockSize, ulong Blocks) Size()
    {
        // struct statfs: type, size of a block, count of blocks, in 64 bits each.
        var buffer = stackalloc ulong[32];
        return FileCalls.FileSystemStatus(directory, (byte*)buffer) == 0
            ? (buffer[1], buffer[2])
            : throw LinuxException.Last("ask for the size of the file system of", path);
    }

    private int Call(uint command, uint user, void* argument)
    {
        if (NamesDevice)
        {
            return _device is null ? Errno.ENOTBLK : Control(_device, command, user, argument);
        }

        var errno = Control(directory, command, user, argument);
        return errno == Errno.ENOSYS && _device is not null ? Control(_device, command, user, argument) : errno;
    }
}
