using Warden.Spec.Commands;
using Warden.Spec.Containers.Pools;

namespace Warden.Spec.Containers;

/// <summary>The ports of the host that lead to the container. Each of them is its own as long as it lives.</summary>
internal sealed partial class Container
{
    private List<(int Host, int Container)>? _forwarded;
    private List<int>? _poolPorts;

    // Taken from the pools for this container; a destroy gives them back once.
    private HashSet<int>? _heldPorts;

    /// <summary>Forwards a port of the host; null stands for one from the pool, or for the host's.</summary>
    public async ValueTask<(int Host, int Container)> ForwardAsync(
        ResourcePools pools, int? hostPort, int? containerPort, CancellationToken cancellationToken)
    {
        await Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (hostPort is { } asked && IsForwarded(asked, containerPort ?? asked))
            {
                await Backend.ForwardPortAsync(asked, containerPort ?? asked, _environment.Lifetime).ConfigureAwait(false);
                return (asked, containerPort ?? asked);
            }

            var host = hostPort ?? pools.TakePort();
            if (hostPort is not null && !pools.TryTakePort(host))
            {
                throw new WardenException($"host port already in use: {host}");
            }

            var container = containerPort ?? host;
            var isKept = false;
            try
            {
                Keep(host, container, pools.IsPoolPort(host));
                isKept = true;

                // Written before it is in force: a server that is killed in between leaves no port that its successor gives to another.
                Save();
                await Backend.ForwardPortAsync(host, container, _environment.Lifetime).ConfigureAwait(false);
                DemandNotDestroyed();
                return (host, container);
            }
            catch
            {
                if (!isKept || Drop(host, container))
                {
                    pools.ReleasePort(host);
                }

                TrySave();
                DemandNotDestroyed();
                throw;
            }
        }
        finally
        {
            Gate.Release();
        }
    }

    /// <summary>
    /// Takes the ports that a recovered container has forwarded. A pair whose port another container has by now is dropped: the port leads
    /// there.
    /// </summary>
    /// <param name="forwarded">The pairs of its snapshot, host and container.</param>
    /// <param name="pools">Where the ports are taken from.</param>
    /// <returns>The ports that another container has.</returns>
    public IReadOnlyList<int> RetakePorts(IEnumerable<(int Host, int Container)> forwarded, ResourcePools pools)
    {
        List<int> lost = [];
        lock (_lock)
        {
            foreach (var (host, container) in forwarded.Distinct())
            {
                if (_heldPorts?.Contains(host) == true || !pools.TryTakePort(host))
                {
                    lost.Add(host);
                    continue;
                }

                Hold(host, container, pools.IsPoolPort(host));
            }
        }

        return lost;
    }

    /// <summary>The ports of the host that the container holds, which it holds no longer.</summary>
    public IReadOnlyCollection<int> GivePortsBack()
    {
        lock (_lock)
        {
            var ports = _heldPorts;
            _heldPorts = null;
            return ports is null ? [] : ports;
        }
    }

    private bool IsForwarded(int host, int container)
    {
        lock (_lock)
        {
            DemandNotDestroyed();
            return _forwarded?.Contains((host, container)) == true;
        }
    }

    private void Keep(int host, int container, bool isOfPool)
    {
        lock (_lock)
        {
            DemandNotDestroyed();
            Hold(host, container, isOfPool);
            _isChanged = true;
        }
    }

    private void Hold(int host, int container, bool isOfPool)
    {
        (_heldPorts ??= []).Add(host);
        (_forwarded ??= []).Add((host, container));
        if (isOfPool)
        {
            (_poolPorts ??= []).Add(host);
        }
    }

    // Answers whether the caller is to give the port back: a destroy may have done so.
    private bool Drop(int host, int container)
    {
        lock (_lock)
        {
            _forwarded!.Remove((host, container));
            _poolPorts?.Remove(host);
            _isChanged = true;
            return _heldPorts?.Remove(host) == true;
        }
    }

    // A destroy gives the ports back that are kept by then.
    private void DemandNotDestroyed()
    {
        if (State == ContainerState.Destroyed)
        {
            throw new WardenException(CommandErrors.UnknownHandle);
        }
    }
}
