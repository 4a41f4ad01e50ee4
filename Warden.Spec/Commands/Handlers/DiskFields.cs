using Warden.Spec.Backend;
using Warden.Spec.Protocol;

namespace Warden.Spec.Commands.Handlers;

/// <summary>The many names of the limits of disk use (protocol.md §5). A bare name and one with _limit mean the hard limit.</summary>
internal static class DiskFields
{
    private const ulong BlockSize = 1024;

    public static bool ChangeBlocks(LimitDiskRequest request) =>
        request.HasBlockLimit || request.HasBlock || request.HasBlockSoft || request.HasBlockHard
        || request.HasByteLimit || request.HasByte || request.HasByteSoft || request.HasByteHard;

    public static bool ChangeInodes(LimitDiskRequest request) =>
        request.HasInodeLimit || request.HasInode || request.HasInodeSoft || request.HasInodeHard;

    /// <summary>The limits in force with the request's laid over them; of several names for one limit the later wins.</summary>
    public static DiskLimits Apply(LimitDiskRequest request, DiskLimits limits)
    {
        var (blockSoft, blockHard, inodeSoft, inodeHard) = limits;
        blockHard = request.HasByteLimit ? Blocks(request.ByteLimit) : blockHard;
        blockHard = request.HasByte ? Blocks(request.Byte) : blockHard;
        blockSoft = request.HasByteSoft ? Blocks(request.ByteSoft) : blockSoft;
        blockHard = request.HasByteHard ? Blocks(request.ByteHard) : blockHard;
        blockHard = request.HasBlockLimit ? request.BlockLimit : blockHard;
        blockHard = request.HasBlock ? request.Block : blockHard;
        blockSoft = request.HasBlockSoft ? request.BlockSoft : blockSoft;
        blockHard = request.HasBlockHard ? request.BlockHard : blockHard;
        inodeHard = request.HasInodeLimit ? request.InodeLimit : inodeHard;
        inodeHard = request.HasInode ? request.Inode : inodeHard;
        inodeSoft = request.HasInodeSoft ? request.InodeSoft : inodeSoft;
        inodeHard = request.HasInodeHard ? request.InodeHard : inodeHard;
        return new DiskLimits(blockSoft, blockHard, inodeSoft, inodeHard);
    }

    public static LimitDiskResponse ToResponse(DiskLimits limits) => new()
    {
        BlockLimit = limits.BlockHard,
        Block = limits.BlockHard,
        BlockSoft = limits.BlockSoft,
        BlockHard = limits.BlockHard,
        InodeLimit = limits.InodeHard,
        Inode = limits.InodeHard,
        InodeSoft = limits.InodeSoft,
        InodeHard = limits.InodeHard,
        ByteLimit = Bytes(limits.BlockHard),
        Byte = Bytes(limits.BlockHard),
        ByteSoft = Bytes(limits.BlockSoft),
        ByteHard = Bytes(limits.BlockHard),
    };

    private static ulong Blocks(ulong bytes) => (bytes / BlockSize) + (bytes % BlockSize == 0 ? 0UL : 1UL);

    private static ulong Bytes(ulong blocks) => blocks > ulong.MaxValue / BlockSize ? ulong.MaxValue : blocks * BlockSize;
}
