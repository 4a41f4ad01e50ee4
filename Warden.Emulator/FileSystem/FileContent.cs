using System.Numerics;
using System.Runtime.InteropServices;

namespace Warden.Emulator.FileSystem;

/// <summary>
/// The bytes of a regular file in chunks. What was never written is a hole. A chunk of zeros is shared by all files, so that a large
/// file of zeros takes no memory. Which blocks of 1024 bytes are allocated is known exactly.
/// </summary>
internal sealed class FileContent
{
    /// <summary>The bytes of a chunk: under the large object heap's threshold.</summary>
    internal const int ChunkSize = 1 << 16;

    /// <summary>The largest length: that of a file on ext4.</summary>
    internal const long MaxLength = 16L << 40;

    private static readonly byte[] Zeros = new byte[ChunkSize];

    // Most files have one chunk; a write far behind the end takes no memory for what lies between.
    private Chunk _first;
    private Dictionary<int, Chunk>? _others;

    /// <summary>The length in bytes.</summary>
    internal long Length { get; private set; }

    /// <summary>The allocated blocks of 1024 bytes.</summary>
    internal long Blocks { get; private set; }

    internal static FileContent From(ReadOnlySpan<byte> bytes)
    {
        var content = new FileContent();
        while (!bytes.IsEmpty)
        {
            var count = Math.Min(bytes.Length, ChunkSize);
            content.Write(content.Length, bytes[..count]);
            bytes = bytes[count..];
        }

        return content;
    }

    internal int Read(long offset, Span<byte> buffer)
    {
        if (offset >= Length)
        {
            return 0;
        }

        var count = (int)Math.Min(buffer.Length, Length - offset);
        buffer = buffer[..count];
        while (!buffer.IsEmpty)
        {
            var (index, start) = ((int)(offset / ChunkSize), (int)(offset % ChunkSize));
            var piece = Math.Min(buffer.Length, ChunkSize - start);
            var data = Find(index).Data;
            var present = data is null ? 0 : Math.Clamp(data.Length - start, 0, piece);
            if (present > 0)
            {
                data.AsSpan(start, present).CopyTo(buffer);
            }

            buffer[present..piece].Clear();
            buffer = buffer[piece..];
            offset += piece;
        }

        return count;
    }

    /// <summary>How many blocks a write within one chunk would add.</summary>
    internal int NewBlocks(long offset, int count)
    {
        var old = Find((int)(offset / ChunkSize)).Blocks;
        return BitOperations.PopCount(BlockMask((int)(offset % ChunkSize), count) & ~old);
    }

    /// <summary>Writes within one chunk.</summary>
    internal void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        var (index, start) = ((int)(offset / ChunkSize), (int)(offset % ChunkSize));
        ref var chunk = ref index == 0
            ? ref _first
            : ref CollectionsMarshal.GetValueRefOrAddDefault(_others ??= [], index, out _);
        var mask = BlockMask(start, bytes.Length);
        Blocks += BitOperations.PopCount(mask & ~chunk.Blocks);
        chunk.Blocks |= mask;
        if (bytes.Length == ChunkSize && !bytes.ContainsAnyExcept((byte)0))
        {
            chunk.Data = Zeros;
        }
        else
        {
            chunk.Data = Room(chunk.Data, start + bytes.Length, bytes.Length == ChunkSize);
            bytes.CopyTo(chunk.Data.AsSpan(start));
        }

        Length = Math.Max(Length, offset + bytes.Length);
    }

    /// <summary>Sets the length; returns how many blocks that frees.</summary>
    internal long SetLength(long length)
    {
        var before = Blocks;
        if (length < Length)
        {
            var keep = (int)((length + ChunkSize - 1) / ChunkSize);
            foreach (var (index, chunk) in _others ?? [])
            {
                if (index >= keep)
                {
                    Blocks -= BitOperations.PopCount(chunk.Blocks);
                    _others!.Remove(index);
                }
            }

            var tail = (int)(length % ChunkSize);
            if (keep <= 1)
            {
                CutChunk(ref _first, keep == 0 ? 0 : tail == 0 ? ChunkSize : tail);
            }
            else if (tail != 0)
            {
                ref var last = ref CollectionsMarshal.GetValueRefOrNullRef(_others ??= [], keep - 1);
                if (!System.Runtime.CompilerServices.Unsafe.IsNullRef(ref last))
                {
                    CutChunk(ref last, tail);
                }
            }
        }

        Length = length;
        return before - Blocks;
    }

    private static ulong BlockMask(int start, int count)
    {
        if (count <= 0)
        {
            return 0;
        }

        var first = start / DiskAccount.BlockSize;
        var last = (start + count - 1) / DiskAccount.BlockSize;
        return (ulong.MaxValue >> (63 - (last - first))) << first;
    }

    // A shared chunk of zeros is copied before it is written to; a small file's chunk grows with it.
    private static byte[] Room(byte[]? data, int needed, bool whole)
    {
        if (data is not null && data.Length >= needed && !ReferenceEquals(data, Zeros))
        {
            return data;
        }

        if (whole)
        {
            return GC.AllocateUninitializedArray<byte>(ChunkSize);
        }

        var size = ReferenceEquals(data, Zeros) ? ChunkSize : Math.Clamp((int)BitOperations.RoundUpToPowerOf2((uint)needed), 64, ChunkSize);
        var grown = new byte[size];
        if (data is not null && !ReferenceEquals(data, Zeros))
        {
            data.CopyTo(grown, 0);
        }

        return grown;
    }

    private Chunk Find(int index) => index == 0 ? _first : _others is null ? default : _others.GetValueOrDefault(index);

    private void CutChunk(ref Chunk chunk, int length)
    {
        var kept = chunk.Blocks & BlockMask(0, length);
        Blocks -= BitOperations.PopCount(chunk.Blocks) - BitOperations.PopCount(kept);
        chunk.Blocks = kept;
        if (length == 0)
        {
            chunk.Data = null;
        }
        else if (chunk.Data is not null && !ReferenceEquals(chunk.Data, Zeros) && chunk.Data.Length > length)
        {
            Array.Clear(chunk.Data, length, chunk.Data.Length - length);
        }
    }

    private struct Chunk
    {
        public byte[]? Data;
        public ulong Blocks;
    }
}
