using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Warden.Linux.Interop;

namespace Warden.Linux.Filesystem.Interop;

/// <summary>mount(2), umount2(2), and mount_setattr(2) with its kin.</summary>
internal static unsafe partial class MountCalls
{
    private const nuint NoSetUserId = 0x2;
    private const nuint NoDevices = 0x4;
    private const nuint NoAccessTimes = 0x400;
    private const int FlagsWord = 10;
    private const int DetachFlag = 0x2;
    private const int NoFollowFlag = 0x8;
    private const nint OpenTreeNumber = 428;
    private const nint MoveMountNumber = 429;
    private const nint ConfigureNumber = 431;
    private const nint PickNumber = 433;
    private const nint PickEmptyPath = 0x8 | 0x1; // and close on execution
    private const nint SetString = 1;
    private const nint Apply = 7; // FSCONFIG_CMD_RECONFIGURE
    private const nint SetAttributesNumber = 442;
    private const nint CurrentDirectory = -100;
    private const nint CloneTree = 1 | 0x80000;
    private const nint EmptyPath = 0x1000;
    private const nint MoveFromEmptyPath = 0x4;

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

    /// <summary>Unmounts at once from the table of mounts, and in fact when nobody uses it any more.</summary>
    public static void Detach(string target)
    {
        fixed (byte* path = new FileName(target))
        {
            if (Unmount(path, DetachFlag | NoFollowFlag) != 0)
            {
                throw LinuxException.Last("unmount", target);
            }
        }
    }

    /// <summary>Whether set-user-id programs and devices are none at a path.</summary>
    public static bool IsHarmless(string target)
    {
        // struct statfs is of 120 bytes on every architecture of 64 bits, of which the flags are the eleventh word.
        var buffer = stackalloc long[32];
        fixed (byte* path = new FileName(target))
        {
            return FileSystemStatus(path, buffer) == 0
                ? ((nuint)buffer[FlagsWord] & (NoSetUserId | NoDevices)) == (NoSetUserId | NoDevices)
                : throw LinuxException.Last("ask for the mount of", target);
        }
    }

    /// <summary>
    /// Mounts a directory onto itself, with nosuid and nodev beside the options that it has. The options are on the mount before it is in
    /// its place, so that other namespaces that receive it receive them too.
    /// </summary>
    public static void MountHarmless(string target)
    {
        fixed (byte* path = new FileName(target), empty = new FileName(""))
        {
            var tree = (int)OpenTree(OpenTreeNumber, CurrentDirectory, path, CloneTree);
            if (tree < 0)
            {
                throw LinuxException.Last("copy the mount of", target);
            }

            using var mount = new SafeFileHandle(tree, ownsHandle: true);
            var attributes = new MountAttributes { Set = NoSetUserId | NoDevices };
            if (SetAttributes(SetAttributesNumber, mount, empty, EmptyPath, &attributes, (nuint)sizeof(MountAttributes)) != 0)
            {
                throw LinuxException.Last("set nosuid and nodev on the mount of", target);
            }

            if (Move(MoveMountNumber, mount, empty, CurrentDirectory, path, MoveFromEmptyPath) != 0)
            {
                throw LinuxException.Last("mount it onto itself:", target);
            }
        }
    }

    /// <summary>Changes an option of the file system that is mounted at a directory (fspick(2)). Returns an errno.</summary>
    public static int Reconfigure(SafeFileHandle directory, string key, string value)
    {
        fixed (byte* empty = new FileName(""), option = new FileName(key), text = new FileName(value))
        {
            var picked = (int)Pick(PickNumber, directory, empty, PickEmptyPath);
            if (picked < 0)
            {
                return Marshal.GetLastPInvokeError();
            }

            using var context = new SafeFileHandle(picked, ownsHandle: true);
            return Configure(ConfigureNumber, context, SetString, option, text, 0) != 0
                || Configure(ConfigureNumber, context, Apply, null, null, 0) != 0 ? Marshal.GetLastPInvokeError() : 0;
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Pick(nint number, SafeFileHandle directory, byte* path, nint flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Configure(nint number, SafeFileHandle context, nint command, byte* key, byte* value, nint auxiliary);

    /// <summary>struct mount_attr of mount_setattr(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct MountAttributes
    {
        public ulong Set;
        public ulong Clear;
        public ulong Propagation;
        public ulong UserNamespace;
    }

    // Calls since Linux 5.1 have one number on every architecture; older C libraries do not know them.
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint OpenTree(nint number, nint directory, byte* path, nint flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SetAttributes(nint number, SafeFileHandle mount, byte* path, nint flags, MountAttributes* attributes, nuint size);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Move(nint number, SafeFileHandle from, byte* fromPath, nint to, byte* toPath, nint flags);

    [LibraryImport("libc", EntryPoint = "statfs", SetLastError = true)]
    private static partial int FileSystemStatus(byte* path, long* buffer);

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true)]
    private static partial int Mount(byte* source, byte* target, byte* type, nuint flags, byte* data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true)]
    private static partial int Unmount(byte* target, int flags);
}
