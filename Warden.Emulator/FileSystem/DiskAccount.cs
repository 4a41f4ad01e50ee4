using Warden.Emulator.Machine;
using Warden.Spec.Backend;

namespace Warden.Emulator.FileSystem;

/// <summary>
/// What a container's files take on its disk, and the quota of its unprivileged user. As with the kernel's user quotas the limits
/// hold for the owner of the files, and root may exceed them (quotactl(2)). Guarded by the container's gate.
/// </summary>
/// <param name="userId">The user whose files are under the quota.</param>
internal sealed class DiskAccount(uint userId)
{
    /// <summary>The bytes of a block.</summary>
    internal const int BlockSize = 1024;

    private long _allBlocks;
    private long _allInodes;

    /// <summary>Blocks of the user's files.</summary>
    internal long Blocks { get; private set; }

    /// <summary>The user's files.</summary>
    internal long Inodes { get; private set; }

    /// <summary>The quota; 0 means none.</summary>
    internal DiskLimits Limits { get; set; }

    /// <summary>Size of the emulated disk in blocks.</summary>
    internal long CapacityBlocks { get; set; } = 10L << 20;

    /// <summary>Size of the emulated disk in inodes.</summary>
    internal long CapacityInodes { get; set; } = 655360;

    /// <summary>Blocks without an owner's file.</summary>
    internal long FreeBlocks => Math.Max(0, CapacityBlocks - _allBlocks);

    /// <summary>Inodes without a file.</summary>
    internal long FreeInodes => Math.Max(0, CapacityInodes - _allInodes);

    internal void ChargeBlocks(Process? process, uint owner, long blocks)
    {
        if (blocks > 0)
        {
            if (owner == userId && IsBound(process) && Exceeds(Limits.BlockHard, Blocks + blocks))
            {
                throw new ErrnoException(Errno.EDQUOT);
            }

            if (blocks > FreeBlocks)
            {
                throw new ErrnoException(Errno.ENOSPC);
            }
        }

        _allBlocks += blocks;
        if (owner == userId)
        {
            Blocks += blocks;
        }
    }

    internal void ChargeInodes(Process? process, uint owner, int count)
    {
        if (count > 0)
        {
            if (owner == userId && IsBound(process) && Exceeds(Limits.InodeHard, Inodes + count))
            {
                throw new ErrnoException(Errno.EDQUOT);
            }

            if (count > FreeInodes)
            {
                throw new ErrnoException(Errno.ENOSPC);
            }
        }

        _allInodes += count;
        if (owner == userId)
        {
            Inodes += count;
        }
    }

    private static bool Exceeds(ulong limit, long value) => limit != 0 && (ulong)value > limit;

    private static bool IsBound(Process? process) => process is { UserId: not 0 };
}
