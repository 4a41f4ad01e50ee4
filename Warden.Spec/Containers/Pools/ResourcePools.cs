using Warden.Spec.Backend;
using Warden.Spec.Server.Configuration;

namespace Warden.Spec.Containers.Pools;

/// <summary>What containers take from the host: networks, uids and ports (protocol.md §3).</summary>
internal sealed class ResourcePools
{
    private const int LeastPorts = 1000;
    private const int LastDefaultPort = 65000;
    private const int LastPort = 65535;

    private readonly FifoPool _uids;
    private readonly FifoPool _ports;
    private readonly uint _firstUid;
    private readonly int _uidCount;
    private readonly int _firstPort;
    private readonly int _portCount;

    // Ports outside the pool that were asked for.
    private readonly HashSet<int> _portsBeside = [];

    /// <exception cref="WardenException">A pool is of no use, or overlaps what is the host's.</exception>
    public ResourcePools(WardenConfiguration configuration, IHostFacts host, TimeProvider time)
    {
        Networks = new NetworkPool(configuration.Network.Pool, configuration.Network.ReleaseDelay, time);

        _firstUid = configuration.User.StartUid;
        var uids = configuration.User.Size;
        if (uids < 1 || _firstUid == 0 || _firstUid + (ulong)uids > uint.MaxValue)
        {
            throw new WardenException($"user: {uids} uids from {_firstUid} on are no pool");
        }

        foreach (var uid in host.UserIds)
        {
            if (uid >= _firstUid && uid - _firstUid < (uint)uids)
            {
                throw new WardenException(
                    $"user: the pool of {uids} uids from {_firstUid} on overlaps the host's users: uid {uid} is in /etc/passwd");
            }
        }

        _uidCount = uids;
        _uids = new FifoPool(uids, TimeSpan.Zero, time);

        _firstPort = configuration.Port.StartPort ?? host.FirstFreePort;
        var ports = configuration.Port.Size ?? LastDefaultPort - _firstPort + 1;
        if (_firstPort < 1 || ports > LastPort - _firstPort + 1)
        {
            throw new WardenException($"port: {ports} ports from {_firstPort} on reach beyond {LastPort}");
        }

        if (ports < LeastPorts)
        {
            throw new WardenException(
                $"port: the pool holds {Math.Max(ports, 0)} ports from {_firstPort} on, fewer than {LeastPorts}; set port.pool_start_port or port.pool_size");
        }

        _portCount = ports;
        _ports = new FifoPool(ports, TimeSpan.Zero, time);
    }

    /// <summary>The networks.</summary>
    public NetworkPool Networks { get; }

    /// <exception cref="WardenException">None is free.</exception>
    public uint TakeUid() => _uids.TryTake(out var index) ? _firstUid + (uint)index : throw new WardenException("no uid available");

    /// <summary>Takes the uid of a recovered container; one outside the pool is nobody's.</summary>
    public bool TryRetakeUid(uint uid) => !IsPoolUid(uid) || _uids.TryTake((int)(uid - _firstUid));

    /// <summary>Takes a uid back.</summary>
    public void ReleaseUid(uint uid)
    {
        if (IsPoolUid(uid))
        {
            _uids.Release((int)(uid - _firstUid));
        }
    }

    /// <exception cref="WardenException">None is free.</exception>
    public int TakePort() => _ports.TryTake(out var index) ? _firstPort + index : throw new WardenException("no port available");

    /// <summary>
    /// Takes this very port, of the pool or not, unless somebody has it: a port of the host leads to one container, and one that was asked
    /// for is not handed out meanwhile.
    /// </summary>
    public bool TryTakePort(int port)
    {
        if (IsPoolPort(port))
        {
            return _ports.TryTake(port - _firstPort);
        }

        lock (_portsBeside)
        {
            return _portsBeside.Add(port);
        }
    }

    /// <summary>Whether the port is one that the pool hands out.</summary>
    public bool IsPoolPort(int port) => port >= _firstPort && port - _firstPort < _portCount;

    /// <summary>Takes a port back.</summary>
    public void ReleasePort(int port)
    {
        if (IsPoolPort(port))
        {
            _ports.Release(port - _firstPort);
            return;
        }

        lock (_portsBeside)
        {
            _portsBeside.Remove(port);
        }
    }

    private bool IsPoolUid(uint uid) => uid >= _firstUid && uid - _firstUid < (uint)_uidCount;
}
