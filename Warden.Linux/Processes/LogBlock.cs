using Microsoft.Win32.SafeHandles;
using Warden.Spec.Backend;

namespace Warden.Linux.Processes;

/// <summary>A piece of a job's log as it was read; never changed afterwards, so readers keep slices of it.</summary>
internal sealed class LogBlock
{
    // A block is read once for several chunks; the longest record just fits, and the collector does not treat that as large.
    private const int SmallBlock = JobLog.HeaderSize + JobLog.LongestData;
    private const int LargeBlock = 1 << 20;

    // Records shorter than this are joined by a copy, which costs less than a frame for each.
    private const int SmallRecord = 32 * 1024;

    // A piece of a record that the block's end cuts is worth a chunk from this length on; a shorter one is read again.
    private const int SmallPiece = 4096;

    private readonly byte[] _bytes;
    private readonly int _length;
    private readonly long _start;
    private readonly bool _isComplete;
    private readonly string _path;

    private LogBlock(byte[] bytes, int length, long start, long fileSize, bool isComplete, string path)
    {
        _bytes = bytes;
        _length = length;
        _start = start;
        _isComplete = isComplete;
        _path = path;
        FileSize = fileSize;
    }

    /// <summary>The file's size when the block was read.</summary>
    public long FileSize { get; }

    /// <summary>Reads a block that begins at a position.</summary>
    public static LogBlock Load(SafeFileHandle file, LogPosition at, int maxBytes, bool isComplete, string path)
    {
        var size = RandomAccess.GetLength(file);
        var wanted = maxBytes > JobLog.LongestData ? LargeBlock : SmallBlock;
        var bytes = GC.AllocateUninitializedArray<byte>((int)Math.Clamp(size - at.Offset, 0, wanted));
        var length = JobLog.ReadFully(file, bytes, at.Offset);
        return new LogBlock(bytes, length, at.Offset, Math.Max(size, at.Offset + length), isComplete, path);
    }

    /// <summary>Takes the chunk at a position; false when this block does not have it, or has too little of it.</summary>
    /// <param name="at">The position.</param>
    /// <param name="maxBytes">The chunk's greatest length.</param>
    /// <param name="isLast">Whether no other block has more of it: then little is enough.</param>
    /// <param name="chunk">The chunk, empty at the log's end.</param>
    public bool TryTake(LogPosition at, int maxBytes, bool isLast, out OutputChunk chunk)
    {
        chunk = default;
        if (at.Offset < _start || !TryPiece(at, maxBytes, isAhead: false, out var piece))
        {
            return false;
        }

        var (first, next, isCut) = piece;
        if (first.IsEmpty)
        {
            chunk = new(OutputStream.Stdout, default, at.ToOutputPosition());
            return true;
        }

        if (isCut && first.Length < SmallPiece && !isLast)
        {
            return false;
        }

        chunk = first.Length < SmallRecord && !isCut && next.Left == 0
            ? Join(first, next, maxBytes)
            : new(next.Stream, first, next.ToOutputPosition());
        return true;
    }

    // Small records of one stream that follow each other, as far as this block has them whole.
    private OutputChunk Join(ReadOnlyMemory<byte> first, LogPosition next, int maxBytes)
    {
        var stream = next.Stream;
        var end = next;
        var total = first.Length;
        while (Following(end, stream, maxBytes - total) is { } more)
        {
            total += more.Data.Length;
            end = more.Next;
        }

        if (total == first.Length)
        {
            return new(stream, first, next.ToOutputPosition());
        }

        var joined = GC.AllocateUninitializedArray<byte>(total);
        first.Span.CopyTo(joined);
        total = first.Length;
        for (var at = next; at != end;)
        {
            var more = Following(at, stream, maxBytes - total)!.Value;
            more.Data.Span.CopyTo(joined.AsSpan(total));
            total += more.Data.Length;
            at = more.Next;
        }

        return new(stream, joined, end.ToOutputPosition());
    }

    private (ReadOnlyMemory<byte> Data, LogPosition Next)? Following(LogPosition at, OutputStream stream, int room)
    {
        if (room <= 0 || !TryPiece(at, room, isAhead: true, out var piece))
        {
            return null;
        }

        var isWhole = !piece.Data.IsEmpty && !piece.IsCut && piece.Next.Left == 0 && piece.Data.Length < SmallRecord;
        return isWhole && piece.Next.Stream == stream ? (piece.Data, piece.Next) : null;
    }

    // The data at a position, of one record, as much as the block has; none at the log's end. Cut: the block has less than it should.
    // Damage is told when a reader comes to it, not when it is seen ahead.
    private bool TryPiece(LogPosition at, int maxBytes, bool isAhead, out (ReadOnlyMemory<byte> Data, LogPosition Next, bool IsCut) piece)
    {
        piece = default;
        while (at.Left == 0)
        {
            var header = at.Offset - _start;
            if (_length - header < JobLog.HeaderSize)
            {
                return false;
            }

            var record = LogRecordHeader.Decode(_bytes.AsSpan((int)header));
            if (record.Kind == LogRecordKind.End)
            {
                piece.Next = at;
                return true;
            }

            if (record.Kind is not (LogRecordKind.Stdout or LogRecordKind.Stderr) || record.Length > JobLog.LongestData)
            {
                return isAhead ? false : throw new IOException($"The log {_path} is damaged at byte {at.Offset}");
            }

            var data = at.Offset + JobLog.HeaderSize;
            if (data + record.Length > FileSize && !_isComplete)
            {
                // Its writer is still at it.
                return false;
            }

            at = new(data, (int)record.Length, record.Kind == LogRecordKind.Stderr ? OutputStream.Stderr : OutputStream.Stdout);
        }

        var offset = at.Offset - _start;
        var wanted = Math.Min(at.Left, maxBytes);
        var count = (int)Math.Min(wanted, _length - offset);
        if (count <= 0)
        {
            return false;
        }

        piece = (
            _bytes.AsMemory((int)offset, count), at with { Offset = at.Offset + count, Left = at.Left - count }, count < wanted);
        return true;
    }
}
