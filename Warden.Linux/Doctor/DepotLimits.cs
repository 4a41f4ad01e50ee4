using Warden.Linux.Filesystem;
using Warden.Linux.Filesystem.Interop;

namespace Warden.Linux.Doctor;

/// <summary>What will limit the disk of a depot, found without switching it on.</summary>
internal static class DepotLimits
{
    /// <summary>Looks at a depot that is there.</summary>
    public static DiskLimitsFinding Find(string path)
    {
        path = Path.GetFullPath(path);
        if (MountTable.SourceOf(path) is null && File.Exists(DepotImage.PathFor(path)))
        {
            return new DiskLimitsFinding(Bytes: true, Inodes: false, WhyNot: null, "the quota groups of btrfs, in its image");
        }

        FileAt.Check(FileAt.OpenDirectory(path, out var depot), "open the depot", path);
        using (depot)
        {
            if (FileAt.FileSystemType(depot) == BtrfsCalls.FileSystemType)
            {
                return new DiskLimitsFinding(Bytes: true, Inodes: false, WhyNot: null, "the quota groups of btrfs");
            }

            // The trial of user quotas leaves nothing.
            var quota = DiskQuota.Detect(depot, path, isEnabled: true);
            return new DiskLimitsFinding(quota.LimitsBytes, quota.LimitsInodes, quota.WhyNot, quota.Name);
        }
    }
}
