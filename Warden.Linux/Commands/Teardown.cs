using Warden.Linux.Setup;
using Warden.Spec;
using Warden.Spec.Backend;
using Warden.Spec.Server.Configuration;

namespace Warden.Linux.Commands;

/// <summary>Removes what servers of one configuration have left on a host, in the order in which each part can still be found.</summary>
/// <param name="host">The machine.</param>
/// <param name="configuration">The servers' configuration.</param>
internal sealed class Teardown(ILinuxHost host, WardenConfiguration configuration)
{
    /// <summary>Removes it.</summary>
    /// <param name="rootfsToo">The root filesystem as well, where setup made it.</param>
    /// <param name="cancellationToken">Stops between two containers.</param>
    /// <returns>What was done, in a sentence.</returns>
    /// <exception cref="WardenException">A server lives, or something resists.</exception>
    public async Task<string> RunAsync(bool rootfsToo, CancellationToken cancellationToken)
    {
        var depot = LinuxDefaults.DepotOf(configuration);
        using var held = DepotLock.Take(depot);
        var removed = 0;
        foreach (var abandoned in PrivateDirectory.FindAbandoned(configuration))
        {
            using (abandoned)
            {
                removed += await RemoveAbandonedAsync(abandoned, cancellationToken).ConfigureAwait(false);
            }
        }

        if (Directory.Exists(depot))
        {
            removed += await RemoveContainersAsync(configuration.ToBackendSettings() with { DepotPath = depot }, cancellationToken).ConfigureAwait(false);
            DepotContent.RemoveCounters(depot);
        }

        host.LowerDepotShield(depot);
        var others = await host.RemoveStraysAsync(cancellationToken).ConfigureAwait(false);
        var left = RemoveDepot(depot) + (others.Count == 0 ? "" : $" {others.Count} containers of other depots stay on this host.");
        var rootfs = rootfsToo && RootfsBuilder.Remove(LinuxDefaults.RootfsOf(configuration)) ? ", and the root filesystem" : "";
        return $"Removed {removed} containers{rootfs}.{left}";
    }

    /// <summary>Removes an empty depot and its image, which may hold what is not ours.</summary>
    private string RemoveDepot(string depot)
    {
        if (Directory.Exists(depot) && Directory.EnumerateFileSystemEntries(depot).FirstOrDefault() is { } entry)
        {
            return $" {entry} is not ours, so the depot stays.";
        }

        host.RemoveDepotImage(depot);
        if (Directory.Exists(depot))
        {
            Directory.Delete(depot);
        }

        return "";
    }

    private async Task<int> RemoveAbandonedAsync(PrivateDirectory directory, CancellationToken cancellationToken)
    {
        var settings = configuration.ToBackendSettings() with
        {
            DepotPath = directory.DepotPath,
            Pool = directory.ReadPool(),
            DiskQuotaEnabled = false,
        };
        var removed = await RemoveContainersAsync(settings, cancellationToken).ConfigureAwait(false);
        directory.Remove();
        return removed;
    }

    private async Task<int> RemoveContainersAsync(BackendSettings settings, CancellationToken cancellationToken)
    {
        var backend = host.MakeBackend();
        try
        {
            await backend.StartAsync(settings, cancellationToken).ConfigureAwait(false);
            var removed = await DepotContent.RemoveContainersAsync(backend, cancellationToken).ConfigureAwait(false);
            await host.RemoveTracesAsync(settings, cancellationToken).ConfigureAwait(false);
            return removed;
        }
        finally
        {
            if (backend is IAsyncDisposable disposable)
            {
                await disposable.DisposeAsync().ConfigureAwait(false);
            }
        }
    }
}
