using System.Security.Cryptography;
using Warden.Emulator.Machine;

namespace Warden.Emulator.FileSystem;

/// <summary>The character devices that every container has (null(4), random(4), full(4)).</summary>
internal static class Device
{
    private const int Memory = 1;
    private const int Terminal = 5;

    /// <summary>Opens a device by its number.</summary>
    /// <exception cref="ErrnoException">ENXIO when nothing is behind the number.</exception>
    internal static OpenFile Open(FileKind kind, (int Major, int Minor) number, OpenFlags flags, string path, Inode inode) =>
        (kind, number.Major, number.Minor) switch
        {
            (FileKind.CharacterDevice, Memory, 3) => new DeviceFile(DeviceKind.Null, flags, path, inode),
            (FileKind.CharacterDevice, Memory, 5) => new DeviceFile(DeviceKind.Zero, flags, path, inode),
            (FileKind.CharacterDevice, Memory, 7) => new DeviceFile(DeviceKind.Full, flags, path, inode),
            (FileKind.CharacterDevice, Memory, 8 or 9) => new DeviceFile(DeviceKind.Random, flags, path, inode),
            (FileKind.CharacterDevice, Terminal, 1) => new DeviceFile(DeviceKind.Null, flags, path, inode),
            _ => throw new ErrnoException(Errno.ENXIO),
        };

    private enum DeviceKind
    {
        Null,
        Zero,
        Full,
        Random,
    }

    private sealed class DeviceFile(DeviceKind device, OpenFlags flags, string path, Inode inode) : OpenFile
    {
        public override FileStatus Status
        {
            get
            {
                lock (inode.Volume.Container.Gate)
                {
                    return inode.Status;
                }
            }
        }

        public override string Name => path;

        internal override Inode Inode => inode;

        public override ValueTask<int> ReadAsync(Process process, Memory<byte> buffer)
        {
            if ((flags & OpenFlags.Read) == 0)
            {
                throw new ErrnoException(Errno.EBADF);
            }

            switch (device)
            {
                case DeviceKind.Null:
                    return new(0);
                case DeviceKind.Random:
                    RandomNumberGenerator.Fill(buffer.Span);
                    return new(buffer.Length);
                default:
                    buffer.Span.Clear();
                    return new(buffer.Length);
            }
        }

        public override ValueTask WriteAsync(Process process, ReadOnlyMemory<byte> data) =>
            (flags & OpenFlags.Write) == 0 ? throw new ErrnoException(Errno.EBADF)
            : device == DeviceKind.Full && !data.IsEmpty ? throw new ErrnoException(Errno.ENOSPC)
            : default;

        public override long Seek(long offset, SeekOrigin origin) => 0;
    }
}
