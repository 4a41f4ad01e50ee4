using System.Runtime.InteropServices;
using Warden.Linux.Interop;

namespace Warden.Linux.Doctor.Interop;

/// <summary>unshare(2) and mount(2), for a thread that tries what containers will do.</summary>
internal static partial class NamespaceCalls
{
    private const int CLONE_NEWNS = 0x20000;
    private const int CLONE_NEWCGROUP = 0x2000000;
    private const int CLONE_NEWUTS = 0x4000000;
    private const int CLONE_NEWIPC = 0x8000000;
    private const int CLONE_NEWNET = 0x40000000;
    private const nuint MS_REC = 0x4000;
    private const nuint MS_PRIVATE = 0x40000;

    /// <summary>The namespaces of a container, except that of process ids, which a thread does not enter.</summary>
    public const int OfContainers = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET;

    /// <summary>Moves the calling thread into new namespaces.</summary>
    public static void Unshare(int namespaces)
    {
        if (UnshareRaw(namespaces) < 0)
        {
            throw LinuxException.Last("make namespaces");
        }
    }

    /// <summary>From now on nothing that is mounted in this namespace appears in another.</summary>
    public static void MakeMountsPrivate()
    {
        if (MountRaw(null, "/", null, MS_REC | MS_PRIVATE, null) < 0)
        {
            throw LinuxException.Last("make the mounts private");
        }
    }

    /// <summary>Mounts a union.</summary>
    public static void MountUnion(string target, string lower, string upper, string work)
    {
        if (MountRaw("overlay", target, "overlay", 0, $"lowerdir={lower},upperdir={upper},workdir={work}") < 0)
        {
            throw LinuxException.Last("mount an overlay with its upper directory in", Path.GetDirectoryName(upper));
        }
    }

    /// <summary>Unmounts.</summary>
    public static void Unmount(string target)
    {
        if (UnmountRaw(target, 0) < 0)
        {
            throw LinuxException.Last("unmount", target);
        }
    }

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int UnshareRaw(int flags);

    [LibraryImport("libc", EntryPoint = "mount", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int MountRaw(string? source, string target, string? type, nuint flags, string? data);

    [LibraryImport("libc", EntryPoint = "umount2", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int UnmountRaw(string target, int flags);
}
