using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Warden.Linux.Filesystem.Interop;
using static Warden.Linux.Filesystem.Interop.BtrfsCalls;

namespace Warden.Linux.Filesystem;

/// <summary>Counts the inodes of a btrfs subvolume by reading the keys of its tree: btrfs itself keeps no such number.</summary>
internal static unsafe class InodeCount
{
    private const int BufferSize = 1 << 16;

    /// <summary>The transaction that changed the subvolume last.</summary>
    public static ulong Generation(SafeFileHandle volume, string path)
    {
        // struct btrfs_ioctl_get_subvol_info_args.
        const int GenerationOffset = 280;
        var arguments = stackalloc byte[1024];
        FileAt.Check(FileAt.Control(volume, SubvolumeInformation, arguments), "ask for the state of", path);
        return *(ulong*)(arguments + GenerationOffset);
    }

    /// <summary>How many inodes there are beside the root.</summary>
    public static ulong Of(SafeFileHandle volume, string path)
    {
        var rented = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            fixed (byte* buffer = rented)
            {
                return Of(volume, buffer, path);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static ulong Of(SafeFileHandle volume, byte* buffer, string path)
    {
        ulong count = 0;
        var (first, type, offset) = (SubvolumeInode + 1, 0u, 0ul);
        while (true)
        {
            // The range is over whole keys: object, type and offset in this order.
            *(SearchArguments*)buffer = new SearchArguments
            {
                FirstObject = first,
                FirstType = type,
                FirstOffset = offset,
                LastObject = LastInode,
                LastType = uint.MaxValue,
                LastOffset = ulong.MaxValue,
                LastTransaction = ulong.MaxValue,
                Items = uint.MaxValue,
                BufferSize = BufferSize - (ulong)sizeof(SearchArguments),
            };
            FileAt.Check(FileAt.Control(volume, SearchTree, buffer), "count the files of", path);
            var items = ((SearchArguments*)buffer)->Items;
            if (items == 0)
            {
                return count;
            }

            var item = buffer + sizeof(SearchArguments);
            var header = default(SearchHeader);
            for (var index = 0u; index < items; index++)
            {
                header = *(SearchHeader*)item;
                count += header.Type == InodeItem ? 1u : 0;
                item += sizeof(SearchHeader) + header.Length;
            }

            (first, type, offset) = Next(header);
        }
    }

    private static (ulong Object, uint Type, ulong Offset) Next(SearchHeader last) =>
        last.Offset < ulong.MaxValue ? (last.Object, last.Type, last.Offset + 1)
        : last.Type < byte.MaxValue ? (last.Object, last.Type + 1, 0ul)
        : (last.Object + 1, 0u, 0ul);
}
