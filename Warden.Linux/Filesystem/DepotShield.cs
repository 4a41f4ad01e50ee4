using Warden.Linux.Filesystem.Interop;
using Warden.Linux.Interop;

namespace Warden.Linux.Filesystem;

/// <summary>
/// The depot, mounted onto itself with nosuid and nodev: what a container's root makes a set-user-id program or a device is none to the host's
/// users. The containers' unions have mounts of their own, in which they are.
/// </summary>
internal static class DepotShield
{
    /// <summary>Raises it, unless what is mounted there has both options already; where that fails, the directory is closed to all but root.</summary>
    /// <returns>Null where files of containers are harmless; else why it could not be raised.</returns>
    public static string? Raise(string path)
    {
        try
        {
            Mount(path);
            return null;
        }
        catch (LinuxException e)
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return e.Message;
        }
    }

    /// <summary>Mounts a directory onto itself, unless the mount that it is in has both options.</summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public static void Mount(string path)
    {
        if (!MountCalls.IsHarmless(path))
        {
            MountCalls.MountHarmless(path);
        }
    }

    /// <summary>Takes it down; does nothing where it is not up. The processes that use the depot go on.</summary>
    public static void Lower(string path)
    {
        path = MountTable.Canonical(path);
        while (Directory.Exists(path) && IsUp(path))
        {
            MountCalls.Detach(path);
        }
    }

    /// <summary>Whether the uppermost mount at a path shows the directory that it is mounted on, harmless: it was made here.</summary>
    public static bool IsUp(string path)
    {
        path = MountTable.Canonical(path);
        var mounts = MountTable.Read();
        return MountTable.Uppermost(mounts, path) is { } mount && mount.Options.Contains("nosuid") && mount.Options.Contains("nodev") && IsOnto(mounts, mount);
    }

    /// <summary>Whether a mount shows the directory that it is mounted on.</summary>
    public static bool IsOnto(IReadOnlyList<MountEntry> mounts, MountEntry mount) =>
        mounts.FirstOrDefault(entry => entry.Id == mount.Parent) is { } parent && parent.Id != mount.Id && parent.Device == mount.Device
        && mount.Root == (parent.Root.TrimEnd('/') + mount.Target[parent.Target.TrimEnd('/').Length..] is { Length: > 0 } root ? root : "/");
}
