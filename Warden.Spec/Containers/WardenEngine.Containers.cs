using Warden.Spec.Backend;
using Warden.Spec.Commands;
using Warden.Spec.Containers.Grace;

namespace Warden.Spec.Containers;

/// <summary>Making and destroying containers.</summary>
public sealed partial class WardenEngine
{
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromMinutes(1);

    /// <summary>The listed container of a handle.</summary>
    /// <exception cref="WardenException">There is none.</exception>
    internal Container Find(string handle) =>
        _registry.TryFind(handle, out var container) ? container : throw new WardenException(CommandErrors.UnknownHandle);

    /// <summary>Makes a container; when that fails nothing is left and what it took is returned.</summary>
    internal async Task<Container> CreateAsync(NewContainer wanted, SessionReferences session)
    {
        var id = (_ids ?? throw NotStarted()).Next();
        var handle = wanted.Handle ?? id;
        _registry.Reserve(handle);
        uint? network = null;
        uint? uid = null;
        IContainerBackend? made = null;
        try
        {
            network = wanted.Network is { } address
                ? Pools.Networks.Take(address)
                : await TakeAfterRemovalsAsync(Pools.Networks.Take).ConfigureAwait(false);
            uid = await TakeAfterRemovalsAsync(Pools.TakeUid).ConfigureAwait(false);
            var container = new Container(
                _environment,
                new ContainerIdentity(id, handle, network.Value, uid.Value, wanted.Rootfs, wanted.BindMounts),
                wanted.GraceTime,
                ExpireInBackground);
            made = await _environment.Backend.CreateAsync(container.ToSpec(), _environment.Lifetime).ConfigureAwait(false);
            container.Activate(made);
            container.Save();
            _registry.List(container);
            _keeper.Add(container.Grace, session);
            _environment.Meters.ContainersChanged(1);
            EngineLog.Created(_environment.Logger, handle, id);
            return container;
        }
        catch
        {
            // What still stands on the host keeps its network and its uid until a later start has removed it.
            if (made is not null && !await RemoveQuietlyAsync(made, handle).ConfigureAwait(false))
            {
                _registry.Release(handle);
                throw;
            }

            if (uid is { } takenUid)
            {
                Pools.ReleaseUid(takenUid);
            }

            if (network is { } takenNetwork)
            {
                Pools.Networks.GiveBack(takenNetwork);
            }

            _registry.Release(handle);
            throw;
        }
    }

    /// <summary>Destroys a container and returns what it held to the pools.</summary>
    /// <returns>Whether this call did it.</returns>
    internal Task<bool> DestroyAsync(Container container) => Track(() => DestroyAndReleaseAsync(container));

    private async Task<bool> DestroyAndReleaseAsync(Container container)
    {
        try
        {
            if (!await container.DestroyAsync(JobIds.Keep).ConfigureAwait(false))
            {
                return false;
            }
        }
        catch (Exception exception) when (!_environment.Lifetime.IsCancellationRequested)
        {
            container.NoteFailedDestroy(exception);
            RetryLater(container);
            throw;
        }

        _keeper.Remove(container.Grace);
        foreach (var port in container.GivePortsBack())
        {
            Pools.ReleasePort(port);
        }

        Pools.ReleaseUid(container.UserId);
        Pools.Networks.Release(container.Network);
        _registry.Remove(container);
        _environment.Meters.ContainersChanged(-1);
        EngineLog.Destroyed(_environment.Logger, container.Handle);
        return true;
    }

    // What is busy on the host at the moment may not be so for ever.
    private void RetryLater(Container container)
    {
        if (container.TryBeginRetry())
        {
            _ = RetryAsync(container);
        }
    }

    private async Task RetryAsync(Container container)
    {
        for (var isGone = false; !isGone;)
        {
            try
            {
                await Task.Delay(RetryPeriod, _environment.Time, _environment.Lifetime).ConfigureAwait(false);
                await Track(() => DestroyAndReleaseAsync(container)).ConfigureAwait(false);
                isGone = true;
            }
            catch (Exception) when (_environment.Lifetime.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                EngineLog.DestroyFailed(_environment.Logger, exception, container.Handle);
            }
        }
    }

    private void ExpireInBackground(Container container) => _ = Track(() => ExpireAsync(container));

    private async Task<bool> ExpireAsync(Container container)
    {
        EngineLog.GraceExpired(_environment.Logger, container.Handle);
        try
        {
            return await DestroyAndReleaseAsync(container).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            if (!_environment.Lifetime.IsCancellationRequested)
            {
                EngineLog.DestroyFailed(_environment.Logger, exception, container.Handle);
                _keeper.Restart(container.Grace);
            }

            return false;
        }
    }

    // A drain waits for what is under way: a container is either left whole or gone. Known before it begins: a Create that sees its first
    // effect may look for it.
    private async Task<bool> Track(Func<Task<bool>> work)
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_background)
        {
            _background.Add(end.Task);
        }

        try
        {
            return await work().ConfigureAwait(false);
        }
        finally
        {
            lock (_background)
            {
                _background.Remove(end.Task);
            }

            end.SetResult();
        }
    }

    // Takes from a pool; from an empty one when the removals under way have given back what they hold.
    private async Task<uint> TakeAfterRemovalsAsync(Func<uint> take)
    {
        while (true)
        {
            // Looked at first: one that ends in between has filled the pool.
            Task[] removals;
            lock (_background)
            {
                removals = [.. _background];
            }

            try
            {
                return take();
            }
            catch (WardenException) when (removals.Length > 0)
            {
                await Task.WhenAny(removals).WaitAsync(_environment.Lifetime).ConfigureAwait(false);
            }
        }
    }

    // Answers whether nothing is left.
    private async Task<bool> RemoveQuietlyAsync(IContainerBackend made, string handle)
    {
        try
        {
            await made.DestroyAsync(CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception)
        {
            EngineLog.CleanUpFailed(_environment.Logger, exception, handle);
            return false;
        }
    }
}

/// <summary>What a Create asks for.</summary>
/// <param name="Handle">The handle; null for the id.</param>
/// <param name="Network">An address of the wanted /30; null for any.</param>
/// <param name="GraceTime">Null means for ever.</param>
/// <param name="Rootfs">Null for the configured one.</param>
/// <param name="BindMounts">In order.</param>
internal sealed record NewContainer(
    string? Handle, uint? Network, TimeSpan? GraceTime, string? Rootfs, IReadOnlyList<BindMountSpec> BindMounts);
