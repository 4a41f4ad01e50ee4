namespace Warden.Linux.Filesystem;

/// <summary>What a file system without limits of users lacks, and how its administrator mends that.</summary>
internal static class QuotaAdvice
{
    private const long Ext4 = 0xEF53;
    private const long Xfs = 0x58465342;

    /// <summary>The reason and the mend, in a phrase.</summary>
    /// <param name="type">The file system's magic number.</param>
    /// <param name="path">A directory in it.</param>
    /// <param name="counts">Whether it counts what users take, as it does without limiting that.</param>
    public static string For(long type, string path, bool counts)
    {
        var (target, source) = MountTable.Holding(path) ?? (path, "DEVICE");
        return type switch
        {
            Ext4 when counts => $"the ext4 at {target} counts what users take and does not limit it (`quotaon --user {target}` does, the mount option usrquota for good)",
            Ext4 => $"the ext4 at {target} has no user quotas on (`tune2fs -O quota {source}` while it is not mounted, and the mount option usrquota)",
            Xfs when counts => $"the XFS at {target} counts what users take and does not limit it (`xfs_quota -x -c 'enable -u' {target}` does, the mount option uquota for good)",
            Xfs => $"the XFS at {target} has no user quotas on (the mount option uquota, which it takes only when it is mounted anew)",
            _ => $"the file system at {target} has no user quotas on",
        };
    }
}
