using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Warden.Linux.Interop;

namespace Warden.Linux.Filesystem.Interop;

/// <summary>Loop devices: files that are read and written as disks (loop(4)).</summary>
internal static unsafe partial class LoopCalls
{
    private const nuint GetFree = 0x4C82;
    private const nuint Configure = 0x4C0A;
    private const uint AutoClear = 4;
    private const uint BlockDevice = 0x6000 | 0x180;
    private const uint LoopMajor = 7;
    private const int NameSize = 64;

    /// <summary>
    /// Puts a file behind a free loop device and opens that. The device frees itself once nothing has it open or mounted.
    /// </summary>
    /// <param name="image">The file.</param>
    /// <param name="imagePath">Its path; losetup(8) shows it.</param>
    /// <param name="device">The device's path.</param>
    public static SafeFileHandle Attach(SafeFileHandle image, string imagePath, out string device)
    {
        FileAt.Check(FileAt.OpenHost("/dev/loop-control", OpenFlag.ReadWrite, out var control), "open", "/dev/loop-control");
        using (control)
        {
            while (true)
            {
                var number = FileCalls.Control(control, GetFree, null);
                if (number < 0)
                {
                    throw LinuxException.Last("find a free loop device");
                }

                FileAt.Check(Open(number, out device, out var loop), "open", device);
                var errno = Attach(loop, image, imagePath);
                if (errno == 0)
                {
                    return loop;
                }

                loop.Dispose();

                // Somebody else took it between the two calls.
                if (errno != Errno.EBUSY)
                {
                    throw new LinuxException($"put {imagePath} behind", device, errno);
                }
            }
        }
    }

    /// <summary>Opens a device that may be losing its file.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="device">Its path.</param>
    /// <returns>Null when it has none any more.</returns>
    public static SafeFileHandle? TryOpen(int number, out string device)
    {
        var errno = Open(number, out device, out var loop);
        if (errno == Errno.ENXIO)
        {
            return null;
        }

        FileAt.Check(errno, "open", device);
        return loop;
    }

    private static int Open(int number, out string device, out SafeFileHandle loop)
    {
        device = $"/dev/loop{number}";
        var errno = FileAt.OpenHost(device, OpenFlag.ReadWrite, out loop);
        if (errno != Errno.ENOENT)
        {
            return errno;
        }

        // In a container of the host's nobody makes the nodes.
        fixed (byte* path = new FileName(device))
        {
            if (MakeNode(path, BlockDevice, Device((uint)number)) != 0 && Marshal.GetLastPInvokeError() != Errno.EEXIST)
            {
                throw LinuxException.Last("make the device", device);
            }
        }

        return FileAt.OpenHost(device, OpenFlag.ReadWrite, out loop);
    }

    // makedev(3).
    private static ulong Device(uint number) => (LoopMajor << 8) | (number & 0xFF) | ((ulong)(number & ~0xFFu) << 12);

    private static int Attach(SafeFileHandle loop, SafeFileHandle image, string imagePath)
    {
        var config = new LoopConfig { Descriptor = (uint)image.DangerousGetHandle(), Flags = AutoClear };
        var name = new FileName(imagePath).Bytes;
        name[..Math.Min(name.Length, NameSize - 1)].CopyTo(new Span<byte>(config.Name, NameSize));
        return FileAt.Control(loop, Configure, &config);
    }

    [LibraryImport("libc", EntryPoint = "mknod", SetLastError = true)]
    private static partial int MakeNode(byte* path, uint mode, ulong device);

    /// <summary>struct loop_config with its struct loop_info64.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 304)]
    private struct LoopConfig
    {
        [FieldOffset(0)]
        public uint Descriptor;

        [FieldOffset(60)]
        public uint Flags;

        [FieldOffset(64)]
        public fixed byte Name[NameSize];
    }
}
