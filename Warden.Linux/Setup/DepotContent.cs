using Warden.Spec;
using Warden.Spec.Backend;

namespace Warden.Linux.Setup;

/// <summary>Ends a depot's containers without a server.</summary>
internal static class DepotContent
{
    /// <summary>
    /// Ends every container of a depot and removes all of it from the host. What does not carry our marker stays. One that resists keeps no other from
    /// being removed.
    /// </summary>
    /// <param name="backend">The backend, started.</param>
    /// <param name="cancellationToken">Stops between two containers.</param>
    /// <returns>How many were removed.</returns>
    /// <exception cref="WardenException">Some resist; says which, and why.</exception>
    public static async Task<int> RemoveContainersAsync(IBackend backend, CancellationToken cancellationToken)
    {
        var removed = 0;
        var failures = new List<string>();
        foreach (var id in backend.Depot.Entries().Where(backend.Depot.HasMarker))
        {
            try
            {
                await backend.DestroyRemainsAsync(id, cancellationToken).ConfigureAwait(false);
                removed++;
            }
            catch (Exception e) when (e is WardenException or IOException or UnauthorizedAccessException)
            {
                failures.Add($"{id}: {e.Message}");
            }
        }

        return failures.Count == 0
            ? removed
            : throw new WardenException($"not every container could be removed. {string.Join(". ", failures)}");
    }

    /// <summary>Removes a depot's counters.</summary>
    public static void RemoveCounters(string depotPath)
    {
        foreach (var counter in Directory.GetFiles(depotPath, ".counter-*"))
        {
            File.Delete(counter);
        }
    }
}
