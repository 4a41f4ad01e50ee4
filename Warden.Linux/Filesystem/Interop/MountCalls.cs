using System.Runtime.InteropServices;
using Warden.Linux.Interop;

namespace Warden.Linux.Filesystem.Interop;

/// <summary>mount(2) and umount2(2).</summary>
internal static unsafe partial class MountCalls
{
    private const nuint NoSetUserId = 0x2;
    private const nuint NoDevices = 0x4;
    private const nuint NoAccessTimes = 0x400;

    /// <summary>Mounts a file system that holds data of containers: what they call a device or a set-user-id program is none here.</summary>
    public static void MountData(string source, string target, string type)
    {
        fixed (byte* from = new FileName(source), to = new FileName(target), kind = new FileName(type))
        {
            if (Mount(from, to, kind, NoSetUserId | NoDevices | NoAccessTimes, null) != 0)
            {
                throw LinuxException.Last($"mount {source} at", target);
            }
        }
    }

    public static void Unmount(string target)
    {
        fixed (byte* path = new FileName(target))
        {
            if (Unmount(path, 0) != 0)
            {
                throw LinuxException.Last("unmount", target);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true)]
    private static partial int Mount(byte* source, byte* target, byte* type, nuint flags, byte* data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true)]
    private static partial int Unmount(byte* target, int flags);
}
