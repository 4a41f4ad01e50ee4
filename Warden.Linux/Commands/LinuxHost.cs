using Warden.Linux.Cgroups;
using Warden.Linux.Filesystem;
using Warden.Linux.Networking;
using Warden.Spec.Backend;
using Warden.Spec.Server.Configuration;

namespace Warden.Linux.Commands;

/// <summary>The machine that this process runs on.</summary>
/// <param name="makeBackend">Makes what makes containers.</param>
internal sealed class LinuxHost(Func<IBackend> makeBackend) : ILinuxHost
{
    /// <inheritdoc/>
    public string? FindObstacle(WardenConfiguration configuration) =>
        Environment.IsPrivilegedProcess ? null : "containers are made by root alone: run this with sudo";

    /// <inheritdoc/>
    public IBackend MakeBackend() => makeBackend();

    /// <inheritdoc/>
    public ValueTask RemoveTracesAsync(BackendSettings settings, CancellationToken cancellationToken)
    {
        HostNetwork.RemoveServer(settings.Pool);
        CgroupHost.Detect().RemoveParents();
        return default;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyCollection<string>> RemoveStraysAsync(CancellationToken cancellationToken)
    {
        var others = CgroupHost.Detect().List();
        if (others.Count == 0)
        {
            await HostNetwork.RemoveAllAsync(cancellationToken).ConfigureAwait(false);
        }

        return others;
    }

    /// <inheritdoc/>
    public void RemoveDepotImage(string depotPath)
    {
        DepotImage.Unmount(depotPath);
        File.Delete(DepotImage.PathFor(depotPath));
    }
}
