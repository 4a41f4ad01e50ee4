using System.Net;
using System.Net.Sockets;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;
using Warden.Spec.Backend;

namespace Warden.Emulator.Network;

/// <summary>The network of one emulated container (or of the emulated host, or of the world outside): its addresses and sockets.</summary>
public sealed partial class NetworkStack
{
    private const int FirstEphemeralPort = 32768;
    private const int LastEphemeralPort = 60999;
    private const int FirstUnprivilegedPort = 1024;
    private readonly Lock _gate = new();
    private readonly List<ListenSocket> _listeners = [];
    private readonly List<TcpSocket> _connections = [];
    private readonly List<UdpSocket> _datagrams = [];
    private readonly HashSet<int> _connectionPorts = [];
    private readonly IPAddress? _address;
    private int _nextPort = FirstEphemeralPort;
    private bool _down;

    internal NetworkStack(EmulatedNetwork network, StackKind kind, string? containerId, IPAddress? address, IPAddress? gateway)
    {
        Network = network;
        Kind = kind;
        ContainerId = containerId;
        _address = address;
        Gateway = gateway;
    }

    /// <summary>The interfaces, loopback first.</summary>
    public IReadOnlyList<NetworkInterface> Interfaces => Kind switch
    {
        StackKind.Container => [Loopback, new($"w-{ContainerId}-1", _address!, 30, Network.Mtu)],
        StackKind.Host => [Loopback, new("eth0", EmulatedNetwork.ExternalAddress, 24, 1500), .. Network.HostEnds()],
        _ => [],
    };

    /// <summary>Where packets for other networks go; null for the host and the world outside.</summary>
    public IPAddress? Gateway { get; }

    /// <summary>The limit on the container's traffic; null means none.</summary>
    public BandwidthLimit? Bandwidth { get; private set; }

    internal EmulatedNetwork Network { get; }

    internal StackKind Kind { get; }

    internal string? ContainerId { get; }

    /// <summary>The address that others know it by.</summary>
    internal IPAddress Address => _address ?? IPAddress.Any;

    internal TokenBucket? Incoming { get; private set; }

    internal TokenBucket? Outgoing { get; private set; }

    private static NetworkInterface Loopback { get; } = new("lo", IPAddress.Loopback, 8, 65536);

    /// <summary>
    /// Connects by TCP. The returned file reads and writes the connection.
    /// </summary>
    /// <exception cref="ErrnoException">ECONNREFUSED when nobody listens or a rule rejects, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT.</exception>
    public ValueTask<StreamSocket> ConnectAsync(Process process, IPEndPoint remote, TimeSpan? timeout = null) =>
        ConnectAsync(process, remote, null, timeout);

    /// <summary>As the other, from a port of the caller's choice.</summary>
    /// <param name="process">The calling process.</param>
    /// <param name="remote">Where to connect to.</param>
    /// <param name="localPort">The own port, or null for an ephemeral one.</param>
    /// <param name="timeout">How long to wait for an answer; null means what TCP waits, about two minutes.</param>
    /// <exception cref="ErrnoException">As the other's, and EADDRINUSE, EACCES for the port.</exception>
    public async ValueTask<StreamSocket> ConnectAsync(Process process, IPEndPoint remote, int? localPort, TimeSpan? timeout)
    {
        if (localPort is { } port)
        {
            CheckPort(process.UserId, port);
        }
        return await Blocking.OnAsync(process, Network.ConnectAsync(this, remote, localPort, timeout, process.Killed)).ConfigureAwait(false);
    }

    /// <summary>Listens on a TCP port (0 picks one) with a backlog of 128.</summary>
    /// <exception cref="ErrnoException">EADDRINUSE, EACCES under port 1024 for others than root, EADDRNOTAVAIL.</exception>
    public Listener Listen(Process process, IPEndPoint local) => Listen(process, local, 128);

    /// <summary>Listens on a TCP port (0 picks one).</summary>
    /// <exception cref="ErrnoException">EADDRINUSE, EACCES under port 1024 for others than root, EADDRNOTAVAIL.</exception>
    public Listener Listen(Process process, IPEndPoint local, int backlog)
    {
        CheckPort(process.UserId, local.Port);
        return Listen(local, backlog, process.UserId);
    }

    /// <summary>Binds a UDP socket (port 0 picks one).</summary>
    /// <exception cref="ErrnoException">EADDRINUSE, EACCES under port 1024 for others than root, EADDRNOTAVAIL.</exception>
    public DatagramSocket Bind(Process process, IPEndPoint local)
    {
        CheckPort(process.UserId, local.Port);
        return Bind(local, process.UserId);
    }

    /// <summary>Sends an ICMP echo request and waits for its reply; returns the round trip's time.</summary>
    /// <exception cref="ErrnoException">ETIMEDOUT, EHOSTUNREACH, EACCES (a rule rejects with "Destination Port Unreachable").</exception>
    public ValueTask<TimeSpan> PingAsync(Process process, IPAddress remote, int size, TimeSpan timeout) =>
        Blocking.OnAsync(process, Network.PingAsync(this, remote, size, timeout, process.Killed));

    /// <summary>Resolves a name by the container's /etc/hosts, or an address in text; null when it is not known.</summary>
    public IPAddress? Resolve(Process process, string name)
    {
        if (TryParseAddress(name, out var address))
        {
            return address;
        }
        return HostsFile.Lookup(process, name) ?? (name == "localhost" && Kind != StackKind.Outside ? IPAddress.Loopback : null);
    }

    /// <summary>Sets the token bucket of each direction of the container's traffic; its loopback is not limited.</summary>
    /// <param name="limit">Rate in bytes a second and burst in bytes; null lifts the limit.</param>
    public void LimitBandwidth(BandwidthLimit? limit)
    {
        Bandwidth = limit;
        Incoming = limit is { } incoming ? new TokenBucket(Network.Time, incoming) : null;
        Outgoing = limit is { } outgoing ? new TokenBucket(Network.Time, outgoing) : null;
    }

    internal static bool TryParseAddress(string text, out IPAddress address)
    {
        address = IPAddress.Any;
        if (text.Length == 0 || !char.IsAsciiDigit(text[0]) || !IPAddress.TryParse(text, out var parsed)
            || parsed.AddressFamily != AddressFamily.InterNetwork)
        {
            return false;
        }
        address = parsed;
        return true;
    }

    internal ListenSocket Listen(IPEndPoint local, int backlog, uint userId)
    {
        CheckAddress(local.Address);
        lock (_gate)
        {
            var port = PortLocked(local, p => _listeners.Exists(other => Clash(other.LocalEndPoint, local.Address, p)));
            var listener = new ListenSocket(this, new IPEndPoint(local.Address, port), backlog, userId);
            _listeners.Add(listener);
            return listener;
        }
    }

    internal UdpSocket Bind(IPEndPoint local, uint userId)
    {
        CheckAddress(local.Address);
        lock (_gate)
        {
            var port = PortLocked(local, p => _datagrams.Exists(other => Clash(other.LocalEndPoint, local.Address, p)));
            var socket = new UdpSocket(this, new IPEndPoint(local.Address, port), userId);
            _datagrams.Add(socket);
            return socket;
        }
    }

    /// <summary>Takes a port for an outgoing connection; <see cref="Register(TcpSocket)"/> and <see cref="Unregister(TcpSocket)"/> keep and free it.</summary>
    internal int TakePort(int? wanted)
    {
        lock (_gate)
        {
            var free = PortLocked(new IPEndPoint(IPAddress.Any, wanted ?? 0), Used);
            _connectionPorts.Add(free);
            return free;
        }

        bool Used(int port) => _connectionPorts.Contains(port) || _listeners.Exists(other => other.LocalEndPoint.Port == port);
    }

    internal void ReleasePort(int port)
    {
        lock (_gate)
        {
            _connectionPorts.Remove(port);
        }
    }

    internal ListenSocket? FindListener(IPEndPoint local)
    {
        lock (_gate)
        {
            return _listeners.Find(other => Clash(other.LocalEndPoint, local.Address, local.Port));
        }
    }

    internal UdpSocket? FindDatagramSocket(IPEndPoint local)
    {
        lock (_gate)
        {
            return _datagrams.Find(other => Clash(other.LocalEndPoint, local.Address, local.Port));
        }
    }

    internal void Register(TcpSocket socket)
    {
        lock (_gate)
        {
            if (_down)
            {
                throw new ErrnoException(Errno.ENETUNREACH);
            }
            _connections.Add(socket);
        }
    }

    internal void Unregister(TcpSocket socket)
    {
        lock (_gate)
        {
            if (_connections.Remove(socket) && socket.IsClient)
            {
                _connectionPorts.Remove(socket.LocalEndPoint.Port);
            }
        }
    }

    internal void Unregister(ListenSocket socket)
    {
        lock (_gate)
        {
            _listeners.Remove(socket);
        }
    }

    internal void Unregister(UdpSocket socket)
    {
        lock (_gate)
        {
            _datagrams.Remove(socket);
        }
        Network.ForgetTranslation(socket);
    }

    /// <summary>What ss(8) lists.</summary>
    internal (ListenSocket[] Listeners, TcpSocket[] Connections, UdpSocket[] Datagrams) Sockets()
    {
        lock (_gate)
        {
            return ([.. _listeners], [.. _connections], [.. _datagrams]);
        }
    }

    /// <summary>Ends every connection: the interface goes away.</summary>
    internal void TakeDown()
    {
        lock (_gate)
        {
            _down = true;
        }
        var (listeners, connections, datagrams) = Sockets();
        foreach (var listener in listeners)
        {
            listener.Close();
        }
        foreach (var connection in connections)
        {
            connection.Abort();
        }
        foreach (var socket in datagrams)
        {
            socket.Close();
        }
    }

    internal FileStatus NewSocketStatus(uint userId)
    {
        var now = Network.Time.GetUtcNow();
        return new FileStatus
        {
            Kind = FileKind.Socket,
            Mode = 0x1FF,
            UserId = userId,
            GroupId = userId,
            Size = 0,
            Inode = Network.NextInode(),
            Device = 8,
            Modified = now,
            Changed = now,
            Accessed = now,
        };
    }

    private static void CheckPort(uint userId, int port)
    {
        if (port is > 0 and < FirstUnprivilegedPort && userId != 0)
        {
            throw new ErrnoException(Errno.EACCES);
        }
    }

    private static bool Clash(IPEndPoint bound, IPAddress address, int port) =>
        bound.Port == port && (bound.Address.Equals(IPAddress.Any) || address.Equals(IPAddress.Any) || bound.Address.Equals(address));

    private void CheckAddress(IPAddress address)
    {
        var own = Kind == StackKind.Outside || address.Equals(IPAddress.Any) || IPAddress.IsLoopback(address)
            || (Kind == StackKind.Host ? Network.IsHostAddress(address) : address.Equals(_address));
        if (!own)
        {
            throw new ErrnoException(Errno.EADDRNOTAVAIL);
        }
    }

    private int PortLocked(IPEndPoint wanted, Func<int, bool> used)
    {
        if (_down)
        {
            throw new ErrnoException(Errno.ENETUNREACH);
        }
        if (wanted.Port != 0)
        {
            return used(wanted.Port) ? throw new ErrnoException(Errno.EADDRINUSE) : wanted.Port;
        }
        for (var tries = FirstEphemeralPort; tries <= LastEphemeralPort; tries++)
        {
            var port = _nextPort;
            _nextPort = port == LastEphemeralPort ? FirstEphemeralPort : port + 1;
            if (!used(port))
            {
                return port;
            }
        }
        throw new ErrnoException(Errno.EADDRNOTAVAIL);
    }
}

/// <summary>Whose network a stack is.</summary>
internal enum StackKind
{
    Container,
    Host,
    Outside,
}
