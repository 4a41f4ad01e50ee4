using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Warden.Linux.Filesystem.Interop;
using Warden.Linux.Interop;

namespace Warden.Linux.Filesystem;

/// <summary>Copies the content of one open file to another, block by block; holes stay holes.</summary>
/// <param name="beforeBlock">Called before each block; what it throws ends the copy.</param>
internal sealed class CopyStream(Action beforeBlock) : IDisposable
{
    private const int BlockSize = 1 << 20;

    private readonly byte[] _block = ArrayPool<byte>.Shared.Rent(BlockSize);

    /// <summary>Copies all of a file to an empty one.</summary>
    /// <param name="source">The source, at its beginning.</param>
    /// <param name="status">The source's.</param>
    /// <param name="target">The target.</param>
    /// <param name="isReading">Whether the failure was the source's.</param>
    /// <returns>0 or the errno.</returns>
    public int Run(SafeFileHandle source, in FileStatus status, SafeFileHandle target, out bool isReading) =>
        status.IsSparse ? Sparse(source, status.Size, target, out isReading) : Part(source, target, long.MaxValue, out isReading);

    public void Dispose() => ArrayPool<byte>.Shared.Return(_block);

    private int Part(SafeFileHandle source, SafeFileHandle target, long length, out bool isReading)
    {
        isReading = false;
        while (length > 0)
        {
            beforeBlock();
            var count = FileAt.Read(source, _block.AsSpan(0, (int)Math.Min(length, BlockSize)));
            if (count <= 0)
            {
                isReading = true;
                return -count;
            }

            if (FileAt.Write(target, _block.AsSpan(0, count)) is var errno && errno != 0)
            {
                return errno;
            }

            length -= count;
        }

        return 0;
    }

    private int Sparse(SafeFileHandle source, long size, SafeFileHandle target, out bool isReading)
    {
        long position = 0;
        while (true)
        {
            isReading = true;
            var data = FileCalls.Seek(source, position, FileCalls.SeekData);
            if (data < 0)
            {
                // ENXIO: nothing but a hole up to the end.
                var errno = Marshal.GetLastPInvokeError();
                isReading = errno != Errno.ENXIO;
                return isReading ? errno : FileAt.Truncate(target, size);
            }

            var hole = FileCalls.Seek(source, data, FileCalls.SeekHole);
            if (hole < 0 || FileCalls.Seek(source, data, FileCalls.SeekSet) < 0)
            {
                return Marshal.GetLastPInvokeError();
            }

            if (FileCalls.Seek(target, data, FileCalls.SeekSet) < 0)
            {
                isReading = false;
                return Marshal.GetLastPInvokeError();
            }

            if (Part(source, target, hole - data, out isReading) is var failure && failure != 0)
            {
                return failure;
            }

            position = hole;
        }
    }
}
