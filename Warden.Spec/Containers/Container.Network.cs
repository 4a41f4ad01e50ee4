using Warden.Spec.Backend;
using Warden.Spec.Commands;
using Warden.Spec.Containers.Pools;

namespace Warden.Spec.Containers;

/// <summary>The container's openings in the network.</summary>
internal sealed partial class Container
{
    private List<(int Host, int Container)>? _forwarded;
    private List<int>? _poolPorts;
    private List<NetOutRule>? _rules;

    // Commands that change limits and rules run one at a time, so that what is kept is what is in force.
    private SemaphoreSlim? _gate;

    private SemaphoreSlim Gate => LazyInitializer.EnsureInitialized(ref _gate, static () => new SemaphoreSlim(1, 1));

    /// <summary>Forwards a port of the host; null stands for one from the pool, or for the host's.</summary>
    public async ValueTask<(int Host, int Container)> ForwardAsync(
        ResourcePools pools, int? hostPort, int? containerPort, CancellationToken cancellationToken)
    {
        await Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // A port that was asked for leaves the pool as well, or somebody else would be given it.
            var host = hostPort ?? pools.TakePort();
            var isPooled = hostPort is null || pools.TryTakePort(host);
            var container = containerPort ?? host;
            var isNew = false;
            var isKept = false;
            try
            {
                isNew = Keep(host, container, isPooled);
                isKept = true;

                // Written before it is in force: a server that is killed in between leaves no port that its successor gives to another.
                Save();
                await Backend.ForwardPortAsync(host, container, _environment.Lifetime).ConfigureAwait(false);
                DemandNotDestroyed();
                return (host, container);
            }
            catch
            {
                if (isKept ? Drop(host, container, isPooled, isNew) : isPooled)
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

    /// <summary>Opens what a rule says.</summary>
    public async ValueTask OpenAsync(NetOutRule rule, CancellationToken cancellationToken)
    {
        await Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await Backend.OpenAsync(rule, _environment.Lifetime).ConfigureAwait(false);
            lock (_lock)
            {
                (_rules ??= []).Add(rule);
                _isChanged = true;
            }
        }
        finally
        {
            Gate.Release();
        }
    }

    /// <summary>The ports of the pool that a recovered container has forwarded.</summary>
    public void HoldPorts(List<int> ports)
    {
        lock (_lock)
        {
            _poolPorts = ports.Count > 0 ? ports : null;
        }
    }

    /// <summary>The ports of the pool that the container holds, which it holds no longer.</summary>
    public IReadOnlyList<int> GivePortsBack()
    {
        lock (_lock)
        {
            var ports = _poolPorts;
            _poolPorts = null;
            return ports ?? [];
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

    // Answers whether the forward was not there before.
    private bool Keep(int host, int container, bool isPooled)
    {
        lock (_lock)
        {
            DemandNotDestroyed();
            if (isPooled)
            {
                (_poolPorts ??= []).Add(host);
            }

            if (_forwarded?.Contains((host, container)) == true)
            {
                return false;
            }

            (_forwarded ??= []).Add((host, container));
            return _isChanged = true;
        }
    }

    // Answers whether the caller is to give the port back: a destroy may have done so.
    private bool Drop(int host, int container, bool isPooled, bool isNew)
    {
        lock (_lock)
        {
            if (isNew)
            {
                _forwarded!.Remove((host, container));
            }

            _isChanged = true;
            return isPooled && _poolPorts?.Remove(host) == true;
        }
    }
}
