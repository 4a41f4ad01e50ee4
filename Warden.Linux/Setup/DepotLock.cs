using Warden.Spec;

namespace Warden.Linux.Setup;

/// <summary>
/// Who works on a depot: one server, or a teardown. Two servers on one depot would each destroy what the other makes. The lock lies beside
/// the depot, which may be the mount point of an image.
/// </summary>
internal static class DepotLock
{
    /// <summary>Takes a depot.</summary>
    /// <exception cref="WardenException">Another server has it.</exception>
    public static FileLock Take(string depotPath) =>
        TryTake(depotPath) ?? throw new WardenException($"another server works on the depot {depotPath}: stop it first");

    /// <summary>Takes a depot; null when another server has it.</summary>
    public static FileLock? TryTake(string depotPath)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(depotPath) ?? "/");
        return FileLock.TryTake(depotPath + ".lock");
    }
}
