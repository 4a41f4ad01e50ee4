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
            return new DiskLimitsFinding(Bytes: true, Inodes: false, WhyNot: null);
        }

        FileAt.Check(FileAt.OpenDirectory(path, out var depot), "open the depot", path);
        using (depot)
        {
            return FileAt.FileSystemType(depot) == BtrfsCalls.FileSystemType
                ? new DiskLimitsFinding(Bytes: true, Inodes: false, WhyNot: null)
                : new DiskLimitsFinding(Bytes: false, Inodes: false, $"{path} is not on btrfs, whose quotas the server uses");
        }
    }
}
