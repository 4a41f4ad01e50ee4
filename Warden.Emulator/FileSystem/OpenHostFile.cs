using Microsoft.Win32.SafeHandles;
using Warden.Emulator.Machine;
using Warden.Spec.Backend;

namespace Warden.Emulator.FileSystem;

/// <summary>A regular file of the host that is open.</summary>
internal sealed class OpenHostFile(HostFile file, SafeFileHandle handle, OpenFlags flags, string path) : OpenFile
{
    private readonly Lock _lock = new();
    private long _offset;

    public override FileStatus Status
    {
        get
        {
            lock (_lock)
            {
                return file.Status with { Size = HostErrors.Run(() => RandomAccess.GetLength(handle)) };
            }
        }
    }

    public override string Name => path;

    internal override Inode Inode => file;

    public override ValueTask<int> ReadAsync(Process process, Memory<byte> buffer)
    {
        if ((flags & OpenFlags.Read) == 0)
        {
            throw new ErrnoException(Errno.EBADF);
        }

        lock (_lock)
        {
            var count = HostErrors.Run(() => RandomAccess.Read(handle, buffer.Span, _offset));
            _offset += count;
            return new(count);
        }
    }

    public override ValueTask WriteAsync(Process process, ReadOnlyMemory<byte> data)
    {
        if ((flags & OpenFlags.Write) == 0)
        {
            throw new ErrnoException(Errno.EBADF);
        }

        bool overLimit;
        lock (_lock)
        {
            if ((flags & OpenFlags.Append) != 0)
            {
                _offset = HostErrors.Run(() => RandomAccess.GetLength(handle));
            }

            var limit = process.GetLimit(ResourceLimit.Fsize).Soft;
            var allowed = limit > long.MaxValue ? data.Length : (int)Math.Clamp((long)limit - _offset, 0, data.Length);
            HostErrors.Run(() => RandomAccess.Write(handle, data.Span[..allowed], _offset));
            _offset += allowed;
            overLimit = allowed < data.Length;
        }

        if (overLimit)
        {
            process.RaiseFileSizeLimit();
        }

        return default;
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        lock (_lock)
        {
            var target = origin switch
            {
                SeekOrigin.Begin => offset,
                SeekOrigin.Current => _offset + offset,
                _ => HostErrors.Run(() => RandomAccess.GetLength(handle)) + offset,
            };
            return target < 0 ? throw new ErrnoException(Errno.EINVAL) : _offset = target;
        }
    }

    public override void Truncate(Process process, long length)
    {
        if ((flags & OpenFlags.Write) == 0 || length < 0)
        {
            throw new ErrnoException(Errno.EINVAL);
        }

        HostErrors.Run(() => RandomAccess.SetLength(handle, length));
    }

    protected internal override void OnClosed() => handle.Dispose();
}
