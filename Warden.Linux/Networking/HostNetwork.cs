using System.Net;
using Warden.Linux.Interop;
using Warden.Linux.Networking.Interop;
using Warden.Spec;
using Warden.Spec.Backend;

namespace Warden.Linux.Networking;

/// <summary>
/// The containers' network as the host has it: a pair of interfaces each, the firewall, forwarded ports and token buckets. All of it stays
/// when this is disposed, as the containers do. It belongs to the network namespace of the thread that started it, whichever thread uses it.
/// Safe for use by several threads.
/// </summary>
internal sealed class HostNetwork : IAsyncDisposable
{
    private const string ForwardingPath = "/proc/sys/net/ipv4/ip_forward";
    private readonly NetlinkSocket _routes;
    private readonly NetlinkSocket _netfilter;
    private readonly NetlinkSocket _tracking;
    private readonly LinkRemover _remover;
    private readonly ConnectionCleaner _cleaner;
    private readonly LinkTable _links;
    private readonly Firewall _firewall;
    private readonly Lock _shaping = new();
    private readonly HashSet<string> _leaving = new(StringComparer.Ordinal);

    private HostNetwork(NetlinkSocket routes, NetlinkSocket removals, NetlinkSocket netfilter, NetlinkSocket tracking, Firewall firewall, int mtu)
    {
        _routes = routes;
        _netfilter = netfilter;
        _tracking = tracking;
        _remover = new LinkRemover(removals);
        _cleaner = new ConnectionCleaner(tracking);
        _firewall = firewall;
        _links = new LinkTable(routes, _remover, mtu);
    }

    /// <summary>The containers that an earlier server has left rules for, and those that were added since.</summary>
    public IReadOnlyList<string> Ids => _firewall.Ids;

    /// <summary>Prepares the host: forwarding, and the rules of the configuration. What containers of an earlier server were given stays in force.</summary>
    /// <exception cref="LinuxException">The kernel lacks a feature, which the message names, or the rights are missing.</exception>
    /// <exception cref="WardenException">Forwarding is off and cannot be turned on.</exception>
    public static ValueTask<HostNetwork> StartAsync(BackendSettings settings, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var sockets = new List<NetlinkSocket>();
        try
        {
            // Each kind of work has its own, so that none waits for another's.
            var routes = Open(NetlinkSocket.Route);
            var removals = Open(NetlinkSocket.Route);
            var netfilter = Open(NetlinkSocket.Netfilter);
            var tracking = Open(NetlinkSocket.Netfilter);
            var firewall = Firewall.Start(netfilter, settings);
            // After the firewall: nothing is forwarded for a container before its rules are there.
            EnableForwarding();
            return new(new HostNetwork(routes, removals, netfilter, tracking, firewall, settings.Mtu));
        }
        catch
        {
            sockets.ForEach(socket => socket.Dispose());
            throw;
        }

        NetlinkSocket Open(int protocol)
        {
            var socket = NetlinkSocket.Open(protocol);
            sockets.Add(socket);
            return socket;
        }
    }

    /// <summary>Removes the firewall tables, interfaces and shapers of every server of this host. Nothing else is touched.</summary>
    public static async ValueTask RemoveAllAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var netfilter = NetlinkSocket.Open(NetlinkSocket.Netfilter);
        using var remover = new LinkRemover(NetlinkSocket.Open(NetlinkSocket.Route));
        List<(string Name, string Kind)> links;
        using (var routes = NetlinkSocket.Open(NetlinkSocket.Route))
        {
            links = LinkTable.List(routes);
        }
        await Task.WhenAll(
            links.Where(link => link.Kind is "veth" or "ifb" && InterfaceNames.IdOf(link.Name) is not null).Select(link => remover.RemoveAsync(link.Name)))
            .ConfigureAwait(false);
        Firewall.RemoveAll(netfilter);
    }

    /// <summary>Removes the firewall table of one server, whose containers are removed.</summary>
    /// <param name="pool">The server's pool.</param>
    public static void RemoveServer(IPNetwork pool)
    {
        using var netfilter = NetlinkSocket.Open(NetlinkSocket.Netfilter);
        Firewall.Remove(netfilter, pool);
    }

    /// <summary>Connects a new container: its rules, and its pair of interfaces, of which the one named w-ID-1 lies in its init's namespace.</summary>
    /// <param name="id">The container.</param>
    /// <param name="host">The host's address in the container's /30 network.</param>
    /// <param name="container">The container's address there, which whoever is inside gives to the interface.</param>
    /// <param name="initPid">A process in the container's network namespace.</param>
    /// <param name="cancellationToken">Nothing is begun once it is cancelled.</param>
    /// <exception cref="LinuxException">The kernel refused a part; nothing is left of the rest.</exception>
    public async ValueTask AddContainerAsync(string id, IPAddress host, IPAddress container, int initPid, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _firewall.Add(id, container);
        try
        {
            await _links.AddPairAsync(id, host, initPid).ConfigureAwait(false);
        }
        catch
        {
            _firewall.Remove(id);
            throw;
        }
    }

    /// <summary>
    /// Takes over a container of an earlier server. Rules that somebody has removed are not known any more: the container is closed then,
    /// until it is opened again.
    /// </summary>
    /// <returns>False when its interface is gone, which cannot be made again.</returns>
    public ValueTask<bool> RecoverContainerAsync(string id, IPAddress host, IPAddress container, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var known = _firewall.Has(id);
        if (!known)
        {
            // First, as in a new one: an interface without rules would be open.
            _firewall.Add(id, container);
        }
        if (_links.Mend(id, host))
        {
            return new(true);
        }
        if (!known)
        {
            _firewall.Remove(id);
        }
        return new(false);
    }

    /// <summary>Removes all of a container. Completes when it is gone; what is gone already is no error.</summary>
    public async ValueTask RemoveContainerAsync(string id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_shaping)
        {
            _leaving.Add(id);
        }
        try
        {
            // The rules last: an interface without rules would be open.
            await Task.WhenAll(_remover.RemoveAsync(InterfaceNames.HostEnd(id)), _remover.RemoveAsync(InterfaceNames.Shaper(id))).ConfigureAwait(false);
            if (_firewall.Remove(id) is { } address)
            {
                // Without its rules nothing of the address becomes known again.
                await _cleaner.ForgetAsync(address).ConfigureAwait(false);
            }
        }
        finally
        {
            lock (_shaping)
            {
                _leaving.Remove(id);
            }
        }
    }

    /// <summary>Forwards a TCP port of the host's addresses to the container. Asking again for the same is no error.</summary>
    public ValueTask ForwardPortAsync(string id, IPAddress container, int hostPort, int containerPort, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _firewall.Forward(id, container, hostPort, containerPort);
        return ValueTask.CompletedTask;
    }

    /// <summary>Opens what the rule says; a later rule is matched before an earlier one.</summary>
    public ValueTask OpenAsync(string id, NetOutRule rule, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _firewall.Open(id, rule);
        return ValueTask.CompletedTask;
    }

    /// <summary>Limits each direction of the container's traffic; a new limit takes the place of the old one.</summary>
    /// <exception cref="WardenException">The kernel lacks what that takes, which the message names.</exception>
    public ValueTask LimitBandwidthAsync(string id, BandwidthLimit limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_shaping)
        {
            // A shaper that is made behind the back of a removal would stay for ever.
            if (_leaving.Contains(id) || !_firewall.Has(id))
            {
                throw new WardenException($"There is no container {id}");
            }
            _links.LimitBandwidth(id, limit);
        }
        return ValueTask.CompletedTask;
    }

    /// <summary>Waits for removals that have begun. Everything else stays on the host.</summary>
    public async ValueTask DisposeAsync()
    {
        await _remover.DrainAsync().ConfigureAwait(false);
        await _cleaner.DrainAsync().ConfigureAwait(false);
        _remover.Dispose();
        _routes.Dispose();
        _netfilter.Dispose();
        _tracking.Dispose();
    }

    private static void EnableForwarding()
    {
        try
        {
            if (File.ReadAllText(ForwardingPath).Trim() == "0")
            {
                File.WriteAllText(ForwardingPath, "1");
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new WardenException($"Containers need {ForwardingPath} to be 1, and it cannot be set: {exception.Message}", exception);
        }
    }
}
