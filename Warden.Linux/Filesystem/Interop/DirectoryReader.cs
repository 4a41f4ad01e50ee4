using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Warden.Linux.Filesystem.Interop;

/// <summary>Reads the names in an open directory, a buffer at a time, so that one of millions takes no more memory than one of ten.</summary>
internal sealed unsafe class DirectoryReader(SafeFileHandle directory) : IDisposable
{
    private const int BufferSize = 32768;

    // struct linux_dirent64: inode, offset, u16 length of the record, u8 type, name.
    private const int LengthOffset = 16;
    private const int NameOffset = 19;

    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _position;
    private int _end;

    /// <summary>The next name; false at the end or when the directory could not be read, which <paramref name="errno"/> tells apart.</summary>
    public bool TryRead(out FileName name, out int errno)
    {
        errno = 0;
        while (true)
        {
            if (_position >= _end && !Fill(out errno))
            {
                name = default;
                return false;
            }

            var record = _buffer.AsSpan(_position);
            var length = BinaryPrimitives.ReadUInt16LittleEndian(record[LengthOffset..]);
            var bytes = record[NameOffset..length];
            bytes = bytes[..bytes.IndexOf((byte)0)];
            _position += length;
            if (!bytes.SequenceEqual("."u8) && !bytes.SequenceEqual(".."u8))
            {
                name = new FileName(bytes);
                return true;
            }
        }
    }

    /// <summary>Begins again.</summary>
    public void Rewind()
    {
        _position = _end = 0;
        _ = FileCalls.Seek(directory, 0, FileCalls.SeekSet);
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private bool Fill(out int errno)
    {
        nint count;
        fixed (byte* buffer = _buffer)
        {
            count = FileCalls.ReadDirectory(directory, buffer, _buffer.Length);
        }

        errno = count < 0 ? Marshal.GetLastPInvokeError() : 0;
        _position = 0;
        _end = (int)Math.Max(0, count);
        return count > 0;
    }
}
