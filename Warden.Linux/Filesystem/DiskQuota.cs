using Microsoft.Win32.SafeHandles;
using Warden.Linux.Filesystem.Interop;
using Warden.Linux.Interop;

namespace Warden.Linux.Filesystem;

/// <summary>Finds what limits the disk of a depot's containers.</summary>
internal static class DiskQuota
{
    private const string Mend = "`warden setup` prepares a depot with limits in an image file of its own";

    /// <summary>Tries what this depot may be served by.</summary>
    public static IDiskQuota Detect(SafeFileHandle depot, string path, bool isEnabled)
    {
        if (!isEnabled)
        {
            // A user that a container leaves with limits would have them in the next one.
            return new NoQuota("disk limits are switched off by quota.disk_quota_enabled", id => UserQuota.Clear(depot, path, id));
        }

        if (FileAt.FileSystemType(depot) != BtrfsCalls.FileSystemType)
        {
            return DetectUserQuota(depot, path);
        }

        try
        {
            return BtrfsQuota.Start(depot, path);
        }
        catch (LinuxException e)
        {
            return new NoQuota($"the btrfs file system of the depot {path} serves no quotas ({e.Message}); {Mend}");
        }
    }

    private static IDiskQuota DetectUserQuota(SafeFileHandle depot, string path)
    {
        string? why;
        try
        {
            if (UserQuota.TryStart(depot, path, out why) is { } quota)
            {
                return quota;
            }
        }
        catch (LinuxException e)
        {
            why = $"what limits users there cannot be tried ({e.Message})";
        }

        return new NoQuota($"the depot {path} is not on btrfs, and {why}; {Mend}");
    }
}
