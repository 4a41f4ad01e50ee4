using System.Net;
using Warden.Spec.Backend;

namespace Warden.Emulator.Network;

/// <summary>
/// The network of one emulated machine: the host, its containers, and a world outside of it. Rules are judged for each new connection, as
/// with connection tracking: replies pass. All of it outlives the servers, as the machine does. Safe for use by several threads.
/// </summary>
/// <remarks>
/// <para>The host has <see cref="ExternalAddress"/> on eth0 and one end of each container's /30 network.</para>
/// <para>Outside, every address of 203.0.113.0/24 answers ping and runs echo (TCP and UDP 7), discard (9) and a small web page (80); so
/// does the host on its own addresses. Further hosts come by <see cref="AddOutsideHost"/>. Any other address is unreachable.</para>
/// <para>A container's new connection is judged in this order: the host's own addresses are open with allow_host_access only; the
/// container's own rules, the latest first; deny_networks; allow_networks; and what is left is rejected.</para>
/// <para>Forwarded ports are rules of which the first that matches wins: of two containers that were given one host port, the earlier has it
/// until it is destroyed.</para>
/// </remarks>
public sealed partial class EmulatedNetwork
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ContainerNetwork> _containers = new(StringComparer.Ordinal);
    private readonly List<(int HostPort, string Id, int ContainerPort)> _forwards = [];
    private readonly List<string> _kernelLog = [];
    private BackendSettings? _settings;
    private long _inode = 20000;

    /// <summary>Creates a network of a host and the world outside.</summary>
    /// <param name="time">The clock of delays and timeouts.</param>
    public EmulatedNetwork(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        Time = time;
        Host = new NetworkStack(this, StackKind.Host, null, ExternalAddress, null);
        Outside = new NetworkStack(this, StackKind.Outside, null, OutsidePeer, null);
    }

    /// <summary>The host's address that the world outside sees.</summary>
    public static IPAddress ExternalAddress { get; } = IPAddress.Parse("198.51.100.1");

    /// <summary>The address outside that <see cref="ConnectFromOutsideAsync"/> comes from.</summary>
    public static IPAddress OutsidePeer { get; } = IPAddress.Parse("203.0.113.1");

    /// <summary>The host's own stack.</summary>
    public NetworkStack Host { get; }

    /// <summary>What rules with <c>log</c> have logged, oldest first: one line for each new TCP connection.</summary>
    public IReadOnlyList<string> KernelLog
    {
        get
        {
            lock (_gate)
            {
                return [.. _kernelLog];
            }
        }
    }

    internal TimeProvider Time { get; }

    internal NetworkStack Outside { get; }

    internal int Mtu => _settings?.Mtu ?? 1500;

    /// <summary>Takes a server's settings: they replace those of the server before. The containers' own rules stay.</summary>
    public void Configure(BackendSettings settings) => _settings = settings;

    /// <summary>Connects a new container, or returns the one that is there.</summary>
    /// <param name="id">The container's id.</param>
    /// <param name="hostAddress">The host's end of the /30.</param>
    /// <param name="containerAddress">The container's end.</param>
    public NetworkStack AddContainer(string id, IPAddress hostAddress, IPAddress containerAddress)
    {
        lock (_gate)
        {
            if (!_containers.TryGetValue(id, out var container))
            {
                var stack = new NetworkStack(this, StackKind.Container, id, containerAddress, hostAddress);
                container = new ContainerNetwork(id, hostAddress, stack);
                _containers.Add(id, container);
            }
            return container.Stack;
        }
    }

    /// <summary>Removes a container with its rules and forwarded ports; its connections are reset. Unknown ids are none.</summary>
    public void Remove(string id)
    {
        ContainerNetwork? container;
        lock (_gate)
        {
            if (!_containers.Remove(id, out container))
            {
                return;
            }
            _forwards.RemoveAll(forward => forward.Id == id);
        }
        container.Stack.TakeDown();
    }

    /// <summary>Forwards a TCP port of the host's external address to a port of the container. Asking again for the same is no error.</summary>
    public void Forward(int hostPort, string id, int containerPort)
    {
        lock (_gate)
        {
            Known(id);
            if (!_forwards.Contains((hostPort, id, containerPort)))
            {
                _forwards.Add((hostPort, id, containerPort));
            }
        }
    }

    /// <summary>Opens what the rule says; a later rule is matched before an earlier one.</summary>
    public void Open(string id, NetOutRule rule)
    {
        lock (_gate)
        {
            Known(id).Rules.Insert(0, rule);
        }
    }

    /// <summary>Limits the container's traffic in each direction, or lifts the limit.</summary>
    public void Limit(string id, BandwidthLimit? limit)
    {
        lock (_gate)
        {
            Known(id).Stack.LimitBandwidth(limit);
        }
    }

    internal long NextInode() => Interlocked.Increment(ref _inode);

    internal bool IsHostAddress(IPAddress address)
    {
        if (address.Equals(ExternalAddress))
        {
            return true;
        }
        lock (_gate)
        {
            return _containers.Values.Any(container => container.HostAddress.Equals(address));
        }
    }

    internal IReadOnlyList<NetworkInterface> HostEnds()
    {
        lock (_gate)
        {
            return [.. _containers.Values.Select(container => new NetworkInterface($"w-{container.Id}-0", container.HostAddress, 30, Mtu))];
        }
    }

    private ContainerNetwork Known(string id) =>
        _containers.TryGetValue(id, out var container) ? container : throw new ArgumentException($"There is no container {id}.", nameof(id));

    private NetworkStack? ContainerAt(IPAddress address)
    {
        lock (_gate)
        {
            foreach (var container in _containers.Values)
            {
                if (container.Stack.Address.Equals(address))
                {
                    return container.Stack;
                }
            }
            return null;
        }
    }

    private (NetworkStack Stack, int Port)? ForwardOf(int hostPort)
    {
        lock (_gate)
        {
            foreach (var forward in _forwards)
            {
                if (forward.HostPort == hostPort)
                {
                    return (_containers[forward.Id].Stack, forward.ContainerPort);
                }
            }
            return null;
        }
    }

    private sealed class ContainerNetwork(string id, IPAddress hostAddress, NetworkStack stack)
    {
        public string Id { get; } = id;

        public IPAddress HostAddress { get; } = hostAddress;

        public NetworkStack Stack { get; } = stack;

        /// <summary>In the order in which they are matched.</summary>
        public List<NetOutRule> Rules { get; } = [];
    }
}
