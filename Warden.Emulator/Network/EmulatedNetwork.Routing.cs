using System.Net;
using Warden.Emulator.Machine;
using Warden.Spec.Backend;

namespace Warden.Emulator.Network;

/// <summary>Where packets go, and how their addresses are translated on the way.</summary>
public sealed partial class EmulatedNetwork
{
    // tcp_syn_retries of 6: the last of the resent requests is given up after this time.
    private static readonly TimeSpan TcpTimeout = TimeSpan.FromSeconds(127);
    private readonly Dictionary<IPEndPoint, UdpSocket> _translated = [];

    /// <summary>How a packet arrives.</summary>
    /// <param name="Stack">Who gets it; null when nobody has the address.</param>
    /// <param name="Destination">The destination after translation.</param>
    /// <param name="Source">The source address as the receiver sees it.</param>
    /// <param name="Loopback">Whether it never leaves its own stack.</param>
    private readonly record struct Route(NetworkStack? Stack, IPEndPoint Destination, IPAddress Source, bool Loopback);

    internal async ValueTask<TcpSocket> ConnectAsync(
        NetworkStack from, IPEndPoint remote, int? localPort, TimeSpan? timeout, CancellationToken cancellationToken, IPAddress? source = null)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var route = RouteOf(from, remote, NetProtocol.Tcp, source);
        var port = from.TakePort(localPort);
        using var late = new CancellationTokenSource(timeout ?? TcpTimeout, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            var listener = FindListener(from, route, port);
            var local = new IPEndPoint(source ?? LocalAddress(from, remote.Address), port);
            var seen = new IPEndPoint(route.Source, port);
            return await listener.EnqueueAsync(
                () => TcpSocket.Connect(from, local, remote, route.Stack!, route.Destination, seen, route.Loopback), either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            from.ReleasePort(port);
            throw new ErrnoException(Errno.ETIMEDOUT);
        }
        catch
        {
            from.ReleasePort(port);
            throw;
        }
    }

    internal async ValueTask SendDatagramAsync(UdpSocket socket, ReadOnlyMemory<byte> data, IPEndPoint remote, CancellationToken cancellationToken)
    {
        var from = socket.Stack;
        if (Translated(remote) is { } asker)
        {
            // A reply to a container whose source address was translated.
            if (asker.Stack.Incoming is { } bucket)
            {
                await bucket.PassAsync(data.Length + 28, cancellationToken).ConfigureAwait(false);
            }
            asker.Deliver(data.ToArray(), socket.LocalEndPoint.Address.Equals(IPAddress.Any) ? Named(from, remote, socket) : socket.LocalEndPoint);
            return;
        }
        var route = RouteOf(from, remote, NetProtocol.Udp, null);
        var receiver = route.Stack?.FindDatagramSocket(route.Destination);
        var seen = new IPEndPoint(route.Source, socket.LocalEndPoint.Port);
        if (!route.Loopback && receiver?.Expects(seen) != true
            && !Permits(from, new Packet(NetProtocol.Udp, new IPEndPoint(from.Address, socket.LocalEndPoint.Port), route.Destination)))
        {
            socket.Refuse(Errno.ECONNREFUSED);
            return;
        }
        if (!route.Loopback && from.Outgoing is { } outgoing)
        {
            await outgoing.PassAsync(data.Length + 28, cancellationToken).ConfigureAwait(false);
        }
        if (!route.Loopback && route.Stack?.Incoming is { } incoming)
        {
            await incoming.PassAsync(data.Length + 28, cancellationToken).ConfigureAwait(false);
        }
        if (route.Stack is null)
        {
            socket.Refuse(Errno.EHOSTUNREACH);
        }
        else if (receiver is not null)
        {
            receiver.Deliver(data.ToArray(), from.Kind == StackKind.Container && route.Stack.Kind == StackKind.Outside ? Translate(socket) : seen);
        }
        else if (!AnswerDatagram(route, data, socket, remote))
        {
            socket.Refuse(Errno.ECONNREFUSED);
        }
    }

    internal async ValueTask<TimeSpan> PingAsync(NetworkStack from, IPAddress remote, int size, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var start = Time.GetTimestamp();
        var route = RouteOf(from, new IPEndPoint(remote, 0), NetProtocol.Icmp, null);
        if (!route.Loopback && !Permits(from, new Packet(NetProtocol.Icmp, new IPEndPoint(from.Address, 0), route.Destination, EchoRequest)))
        {
            throw new ErrnoException(Errno.EACCES);
        }
        if (route.Stack is not { } target)
        {
            throw new ErrnoException(Errno.EHOSTUNREACH);
        }
        if (!route.Loopback)
        {
            using var late = new CancellationTokenSource(timeout > TimeSpan.Zero ? timeout : TimeSpan.FromMilliseconds(1), Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
            try
            {
                // There and back, each through the buckets of both.
                foreach (var bucket in new[] { from.Outgoing, target.Incoming, target.Outgoing, from.Incoming })
                {
                    if (bucket is not null)
                    {
                        await bucket.PassAsync(size + 28, either.Token).ConfigureAwait(false);
                    }
                }
            }
            catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw new ErrnoException(Errno.ETIMEDOUT);
            }
        }
        return Time.GetElapsedTime(start);
    }

    internal void ForgetTranslation(UdpSocket socket)
    {
        lock (_gate)
        {
            foreach (var (endPoint, owner) in _translated.ToArray())
            {
                if (owner == socket)
                {
                    _translated.Remove(endPoint);
                }
            }
        }
    }

    /// <summary>The address that an outgoing packet of a stack carries.</summary>
    internal IPAddress LocalAddress(NetworkStack from, IPAddress remote)
    {
        if (IPAddress.IsLoopback(remote) || remote.Equals(IPAddress.Any))
        {
            return IPAddress.Loopback;
        }
        if (from.Kind == StackKind.Host)
        {
            lock (_gate)
            {
                var peer = _containers.Values.FirstOrDefault(container => container.Stack.Address.Equals(remote));
                return peer is not null ? peer.HostAddress : IsHostAddress(remote) ? remote : ExternalAddress;
            }
        }
        return from.Address;
    }

    private ListenSocket FindListener(NetworkStack from, Route route, int port)
    {
        if (!route.Loopback && !Permits(from, new Packet(NetProtocol.Tcp, new IPEndPoint(from.Address, port), route.Destination)))
        {
            throw new ErrnoException(Errno.ECONNREFUSED);
        }
        if (route.Stack is null)
        {
            throw new ErrnoException(Errno.EHOSTUNREACH);
        }
        return route.Stack.FindListener(route.Destination) ?? Serve(route) ?? throw new ErrnoException(Errno.ECONNREFUSED);
    }

    private Route RouteOf(NetworkStack from, IPEndPoint remote, NetProtocol protocol, IPAddress? source)
    {
        var address = remote.Address;
        if (IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any))
        {
            return new Route(from, new IPEndPoint(IPAddress.Loopback, remote.Port), IPAddress.Loopback, true);
        }
        if (from.Kind == StackKind.Container && address.Equals(from.Address))
        {
            return new Route(from, remote, address, true);
        }
        if (address.Equals(ExternalAddress))
        {
            // Only packets to the external address itself are forwarded: a container's traffic to the same port elsewhere is its own.
            if (protocol == NetProtocol.Tcp && ForwardOf(remote.Port) is { } forward)
            {
                // A container that comes back to itself this way meets the host's address, or the answer would not take the way back.
                var seen = forward.Stack == from ? ExternalAddress : source ?? LocalAddress(from, address);
                return new Route(forward.Stack, new IPEndPoint(forward.Stack.Address, forward.Port), seen, false);
            }
            return new Route(Host, remote, source ?? LocalAddress(from, address), from.Kind == StackKind.Host);
        }
        if (from.Kind == StackKind.Outside)
        {
            // The world has no way to private addresses.
            return new Route(IsOutside(address) ? Outside : null, remote, source ?? from.Address, true);
        }
        if (IsHostAddress(address))
        {
            return new Route(Host, remote, LocalAddress(from, address), from.Kind == StackKind.Host);
        }
        if (ContainerAt(address) is { } container)
        {
            return new Route(container, remote, LocalAddress(from, address), false);
        }
        // What leaves the host carries the host's address.
        return new Route(IsOutside(address) ? Outside : null, remote, ExternalAddress, false);
    }

    private UdpSocket? Translated(IPEndPoint remote)
    {
        lock (_gate)
        {
            return _translated.GetValueOrDefault(remote);
        }
    }

    private IPEndPoint Translate(UdpSocket socket)
    {
        lock (_gate)
        {
            for (var port = socket.LocalEndPoint.Port; ; port = port == 65535 ? 1024 : port + 1)
            {
                var endPoint = new IPEndPoint(ExternalAddress, port);
                if (!_translated.TryGetValue(endPoint, out var owner) || owner == socket)
                {
                    _translated[endPoint] = socket;
                    return endPoint;
                }
            }
        }
    }

    // A reply must come from the address that was asked, which a socket bound to every address does not know by itself.
    private static IPEndPoint Named(NetworkStack from, IPEndPoint remote, UdpSocket socket) =>
        new(from.Network.LocalAddress(from, remote.Address), socket.LocalEndPoint.Port);
}
