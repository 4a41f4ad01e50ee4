using Warden.Spec.Backend;
using Warden.Spec.Containers.Grace;
using Warden.Spec.Containers.Jobs;
using Warden.Spec.Containers.Pools;
using Warden.Spec.Containers.Snapshots;
using Warden.Spec.Server.Configuration;

namespace Warden.Spec.Containers;

/// <summary>
/// Takes over what earlier servers left in the depot (protocol.md §6). One container that cannot be taken over never prevents the start.
/// </summary>
internal sealed class Recovery(
    EngineEnvironment environment, ResourcePools pools, ContainerRegistry registry, GraceKeeper keeper, JobIds jobIds,
    Action<Container> graceExpired, Action<Container> retryLater)
{
    /// <summary>Recovers all that can be.</summary>
    /// <exception cref="WardenException">A newer server wrote a snapshot; nothing was touched.</exception>
    public async Task RunAsync(IReadOnlyList<string> entries, CancellationToken cancellationToken)
    {
        // All are read before any is touched: a snapshot of a newer server refuses the start.
        var found = new List<(string Id, ContainerSnapshot? Snapshot, string? Reason)>();
        foreach (var name in entries.Order(StringComparer.Ordinal))
        {
            if (!ContainerIds.IsId(name))
            {
                EngineLog.ForeignEntry(environment.Logger, name);
                continue;
            }

            var (content, failure) = ReadSnapshot(name);
            var isValid = SnapshotReader.TryRead(name, content, out var snapshot, out var reason);
            found.Add((name, isValid ? snapshot : null, failure ?? reason));
        }

        var living = new List<Container>();
        foreach (var (id, snapshot, reason) in found)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                if (snapshot is null)
                {
                    await DestroyRemainsAsync(id, reason ?? "its snapshot is damaged", cancellationToken).ConfigureAwait(false);
                }
                else if (await TakeOverAsync(id, snapshot, cancellationToken).ConfigureAwait(false) is { } container)
                {
                    living.Add(container);
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                EngineLog.RecoveryFailed(environment.Logger, exception, id);
            }
        }

        foreach (var container in living)
        {
            keeper.Add(container.Grace, creator: null);
        }
    }

    private (byte[]? Content, string? Failure) ReadSnapshot(string id)
    {
        try
        {
            return (environment.Depot.ReadSnapshot(id), null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (null, exception.Message);
        }
    }

    private async Task<Container?> TakeOverAsync(string id, ContainerSnapshot snapshot, CancellationToken cancellationToken)
    {
        var resources = snapshot.Resources;
        if (!AddressRanges.TryParseAddress(resources.Network, out var network))
        {
            throw new ArgumentException("The snapshot was not checked.", nameof(snapshot));
        }

        // Ids stay unique whether or not the container can be taken over.
        jobIds.Seen(Math.Max(snapshot.LastJobId, snapshot.Jobs.Keys.Select(uint.Parse).DefaultIfEmpty().Max()));

        var container = new Container(
            environment,
            new ContainerIdentity(
                id, resources.Handle, network, resources.Uid, resources.Rootfs,
                [.. resources.BindMounts.Select(mount => new BindMountSpec(mount.SrcPath, mount.DstPath, mount.Writable))]),
            snapshot.GraceTime is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            graceExpired);
        if (TakeResources(container, resources) is { } conflict)
        {
            await DestroyRemainsAsync(id, conflict, cancellationToken).ConfigureAwait(false);
            return null;
        }

        try
        {
            var backend = await environment.Backend.RecoverAsync(container.ToSpec(), cancellationToken).ConfigureAwait(false);
            if (backend is null && await TryDestroyRemainsAsync(id, "its init is not alive", cancellationToken).ConfigureAwait(false) is { } failure)
            {
                await KeepRemainsAsync(container, snapshot, failure, cancellationToken).ConfigureAwait(false);
            }
            else if (backend is null)
            {
                registry.Release(container.Handle);
                pools.Networks.GiveBack(network);
                pools.ReleaseUid(resources.Uid);
                foreach (var port in container.GivePortsBack())
                {
                    pools.ReleasePort(port);
                }

                return null;
            }
            else
            {
                await container.RecoverAsync(snapshot, backend, cancellationToken).ConfigureAwait(false);
                await container.RestoreDiskLimitsAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            // It may still live: what it holds of the host stays taken until the next start.
            registry.Release(container.Handle);
            throw;
        }

        registry.List(container);
        environment.Meters.ContainersChanged(1);
        EngineLog.Recovered(environment.Logger, container.Handle, id);
        return container;
    }

    // It stays listed, so that it can be asked for again, and keeps what it holds.
    private async Task KeepRemainsAsync(Container container, ContainerSnapshot snapshot, Exception failure, CancellationToken cancellationToken)
    {
        EngineLog.RecoveryFailed(environment.Logger, failure, container.Id);
        var path = Path.Combine(environment.Configuration.ToBackendSettings().DepotPath, container.Id);
        await container.RecoverAsync(
            snapshot with { State = ContainerState.Stopped.Name() },
            new ContainerRemains(environment.Backend, container.Id, path),
            cancellationToken).ConfigureAwait(false);
        container.NoteFailedDestroy(failure);
        retryLater(container);
    }

    private async Task<Exception?> TryDestroyRemainsAsync(string id, string reason, CancellationToken cancellationToken)
    {
        try
        {
            await DestroyRemainsAsync(id, reason, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return exception;
        }
    }

    // A copied directory, or a pool that changed, may claim what another container holds.
    private string? TakeResources(Container container, ResourcesSnapshot resources)
    {
        try
        {
            registry.Reserve(container.Handle);
        }
        catch (WardenException exception)
        {
            return exception.Message;
        }

        if (!pools.Networks.TryRetake(container.Network))
        {
            registry.Release(container.Handle);
            return "another container holds its network";
        }

        if (!pools.TryRetakeUid(container.UserId))
        {
            pools.Networks.GiveBack(container.Network);
            registry.Release(container.Handle);
            return "another container holds its uid";
        }

        foreach (var port in container.RetakePorts(resources.NetIn.Select(pair => (pair[0], pair[1])), pools))
        {
            EngineLog.PortTaken(environment.Logger, container.Handle, port);
        }

        return null;
    }

    private async Task DestroyRemainsAsync(string id, string reason, CancellationToken cancellationToken)
    {
        if (!environment.Depot.HasMarker(id))
        {
            EngineLog.ForeignEntry(environment.Logger, id);
            return;
        }

        EngineLog.RemainsDestroyed(environment.Logger, id, reason);
        await environment.Backend.DestroyRemainsAsync(id, cancellationToken).ConfigureAwait(false);
    }
}
