using System.Buffers.Binary;
using System.Net;
using Warden.Linux.Interop;
using Warden.Linux.Networking.Interop;
using Warden.Spec;
using Warden.Spec.Backend;

namespace Warden.Linux.Networking;

/// <summary>The interfaces of the containers on the host's side.</summary>
internal sealed class LinkTable
{
    private const byte PrefixLength = 30;
    private const int EthernetHeader = 14;
    private readonly NetlinkSocket _socket;
    private readonly LinkRemover _remover;
    private readonly int _mtu;
    private volatile bool _hasIPv6 = true;

    /// <summary>Uses a socket of the namespace, which stays the caller's.</summary>
    public LinkTable(NetlinkSocket socket, LinkRemover remover, int mtu)
    {
        _socket = socket;
        _remover = remover;
        _mtu = mtu;
    }

    /// <summary>The names of all interfaces with their kinds, as "veth".</summary>
    public static List<(string Name, string Kind)> List(NetlinkSocket socket)
    {
        var links = new List<(string, string)>();
        socket.Read(
            () =>
            {
                var batch = new NetlinkBatch();
                RouteMessages.ListLinks(batch);
                return batch;
            },
            links.Clear,
            (type, payload) =>
            {
                if (type == RouteMessages.NewLink)
                {
                    var attributes = payload[16..];
                    var information = NetlinkAttributes.Find(attributes, RouteMessages.LinkInformation);
                    links.Add((
                        NetlinkAttributes.TextOf(NetlinkAttributes.Find(attributes, RouteMessages.LinkName)),
                        NetlinkAttributes.TextOf(NetlinkAttributes.Find(information, RouteMessages.InformationKind))));
                }
            });
        return links;
    }

    /// <summary>Makes a container's pair: the host's end with its address and up, the other end in the namespace of its init.</summary>
    public async ValueTask AddPairAsync(string id, IPAddress host, int initPid)
    {
        var name = InterfaceNames.HostEnd(id);
        var index = 0;
        for (var again = false; index == 0; again = true)
        {
            var batch = new NetlinkBatch();
            RouteMessages.AddVeth(batch, name, InterfaceNames.ContainerEnd(id), initPid, _mtu);
            RouteMessages.FindLink(batch, name);
            if (_socket.Send(batch, (type, payload) => index = IndexOf(type, payload, index)) is not [var failure, ..])
            {
                continue;
            }
            index = 0;
            if (failure.Errno != Errno.EEXIST || again)
            {
                throw failure.ToException();
            }
            // A pair of a container that was not removed as a whole. Ids are not used twice, so nothing lives in it.
            await _remover.RemoveAsync(name).ConfigureAwait(false);
        }
        try
        {
            Activate(name, index, host);
        }
        catch
        {
            await _remover.RemoveAsync(name).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Sees to it that the host's end of a pair has its address and is up. False when there is no such pair.</summary>
    public bool Mend(string id, IPAddress host)
    {
        var name = InterfaceNames.HostEnd(id);
        if (Find(name) is not { } index)
        {
            return false;
        }
        Activate(name, index, host);
        return true;
    }

    /// <summary>Limits what goes to the container and what comes from it, each to a token bucket of its own.</summary>
    /// <exception cref="WardenException">The kernel lacks what that takes.</exception>
    public void LimitBandwidth(string id, BandwidthLimit limit)
    {
        try
        {
            var name = InterfaceNames.HostEnd(id);
            var shaper = InterfaceNames.Shaper(id);
            var index = Find(name) ?? throw new WardenException($"The interface {name} is gone.");
            var shaperIndex = AddShaper(shaper);
            // A bucket that holds no whole packet lets none through.
            var burst = (uint)Math.Clamp(limit.Burst, (ulong)(_mtu + EthernetHeader), uint.MaxValue);
            // What waits: 50 ms of traffic, and not less than a few packets.
            var waiting = Math.Max(limit.Rate / 20, 10UL * (ulong)(_mtu + EthernetHeader));
            var queue = (uint)Math.Min(burst + Math.Min(waiting, uint.MaxValue), uint.MaxValue);

            var buckets = new NetlinkBatch();
            TrafficMessages.SetBucket(buckets, index, limit.Rate, burst, queue, name);
            TrafficMessages.SetBucket(buckets, shaperIndex, limit.Rate, burst, queue, shaper);
            _socket.Execute(buckets);

            // In one datagram, so that there is never an ingress queue without its filter, whenever this process ends.
            var ingress = new NetlinkBatch();
            TrafficMessages.DeleteIngress(ingress, index, name);
            TrafficMessages.AddIngress(ingress, index, name);
            TrafficMessages.RedirectAll(ingress, index, shaperIndex, name);
            if (_socket.Send(ingress).FirstOrDefault(failure => failure.Entry != ingress.Entries[0]) is { } refused)
            {
                throw refused.ToException();
            }
        }
        catch (LinuxException failure) when (failure.Errno is Errno.ENOENT or Errno.EOPNOTSUPP)
        {
            throw new WardenException($"The kernel cannot limit bandwidth: {failure.Message}", failure);
        }
    }

    private static int IndexOf(ushort type, ReadOnlySpan<byte> payload, int otherwise) =>
        type == RouteMessages.NewLink && payload.Length >= 16 ? BinaryPrimitives.ReadInt32LittleEndian(payload[4..]) : otherwise;

    private int AddShaper(string name)
    {
        if (Find(name) is { } there)
        {
            return there;
        }
        var batch = new NetlinkBatch();
        RouteMessages.AddIfb(batch, name, _mtu);
        _socket.Execute(batch);
        BringUp(name, new NetlinkBatch());
        return Find(name) ?? throw new LinuxException("find the interface", name, Errno.ENODEV);
    }

    private int? Find(string name)
    {
        var index = 0;
        _socket.Read(
            () =>
            {
                var batch = new NetlinkBatch();
                RouteMessages.FindLink(batch, name);
                return batch;
            },
            null,
            (type, payload) => index = IndexOf(type, payload, index));
        return index == 0 ? null : index;
    }

    private void Activate(string name, int index, IPAddress host)
    {
        var batch = new NetlinkBatch();
        RouteMessages.AddAddress(batch, index, host, PrefixLength, name);
        BringUp(name, batch);
    }

    private void BringUp(string name, NetlinkBatch batch)
    {
        RouteMessages.BringUp(batch, name, _hasIPv6);
        var failures = _socket.Send(batch);
        if (_hasIPv6 && failures is [{ Errno: Errno.EAFNOSUPPORT }])
        {
            // A kernel without IPv6 has no setting for it either.
            _hasIPv6 = false;
            batch = new NetlinkBatch();
            RouteMessages.BringUp(batch, name, false);
            failures = _socket.Send(batch);
        }
        if (failures is [var failure, ..])
        {
            throw failure.ToException();
        }
    }
}
