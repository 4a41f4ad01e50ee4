using Warden.Linux.Filesystem;

namespace Warden.Linux.Setup;

/// <summary>The depot's disk on this host.</summary>
internal sealed class DepotDisk : IDepotDisk
{
    /// <inheritdoc/>
    public (string? WhyNot, string By) FindLimits(string path)
    {
        using var depot = LinuxDepot.Open(path, quotaEnabled: true);
        return (depot.Quota.WhyNot, depot.Quota.Name);
    }

    /// <inheritdoc/>
    public void MakeImage(string path, long bytes) => DepotImage.Ensure(path, bytes);
}
