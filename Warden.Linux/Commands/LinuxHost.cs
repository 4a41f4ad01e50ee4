using Warden.Linux.Cgroups;
using Warden.Linux.Doctor;
using Warden.Linux.Filesystem;
using Warden.Linux.Networking;
using Warden.Spec.Backend;
using Warden.Spec.Server.Configuration;

namespace Warden.Linux.Commands;

/// <summary>The machine that this process runs on.</summary>
/// <param name="makeBackend">Makes what makes containers.</param>
internal sealed class LinuxHost(Func<IBackend> makeBackend) : ILinuxHost
{
    private const string ForwardingPath = "/proc/sys/net/ipv4/ip_forward";

    /// <inheritdoc/>
    public string? FindObstacle(WardenConfiguration configuration) => HostInspection.FindObstacle(configuration, InspectionOptions);

    /// <inheritdoc/>
    public HostReport Inspect(WardenConfiguration configuration) => HostInspection.Run(configuration, InspectionOptions);

    /// <inheritdoc/>
    public IBackend MakeBackend() => makeBackend();

    /// <inheritdoc/>
    public bool ForwardsPackets => File.ReadAllText(ForwardingPath).Trim() != "0";

    /// <inheritdoc/>
    public void StopForwarding()
    {
        if (CgroupHost.Detect().List().Count == 0)
        {
            File.WriteAllText(ForwardingPath, "0\n");
        }
    }

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
    public void LowerDepotShield(string depotPath) => DepotShield.Lower(depotPath);

    /// <inheritdoc/>
    public void RemoveDepotImage(string depotPath)
    {
        DepotImage.Unmount(depotPath);
        File.Delete(DepotImage.PathFor(depotPath));
    }

    private InspectionOptions InspectionOptions => new() { Facts = makeBackend().Host };
}
