using System.Net;
using Warden.Linux.Networking;
using Warden.Spec.Backend;

namespace Warden.ConformanceTests.Units.Linux.Networking;

/// <summary>A host of a test's own, with an outside on documentation addresses, and containers that are no more than their networks.</summary>
internal sealed class NetworkWorld : IAsyncDisposable
{
    public const string External = "198.51.100.1";
    public const string Peer = "203.0.113.1";
    public const string OtherPeer = "203.0.113.2";
    private readonly List<IDisposable> _owned = [];

    private NetworkWorld()
    {
        Host = Own(new NetworkNamespace());
        Outside = Own(new NetworkNamespace());
        Host.Execute("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", $"{Outside.ThreadId}");
        Host.Execute("ip", "addr", "add", $"{External}/24", "dev", "eth0");
        Host.Execute("ip", "link", "set", "eth0", "up");
        Outside.Execute("ip", "addr", "add", "198.51.100.254/24", "dev", "eth0");
        Outside.Execute("ip", "link", "set", "eth0", "up");
        foreach (var peer in (string[])[Peer, OtherPeer])
        {
            Outside.Execute("ip", "addr", "add", $"{peer}/32", "dev", "lo");
        }
        Outside.Execute("ip", "route", "add", "10.254.0.0/24", "via", External);
        Host.Execute("ip", "route", "add", "default", "via", "198.51.100.254");
    }

    public NetworkNamespace Host { get; }

    public NetworkNamespace Outside { get; }

    public HostNetwork Network { get; private set; } = null!;

    /// <summary>The names of the host's interfaces.</summary>
    public IEnumerable<string> Links => [.. Host.Execute("ip", "-br", "link").Split('\n').Select(line => line.Split(' ')[0]).Order()];

    public static NetworkWorld Create(Func<BackendSettings, BackendSettings>? change = null)
    {
        NetworkNamespace.SkipUnlessPossible();
        var world = new NetworkWorld();
        world.Start(change);
        return world;
    }

    public static AddressRange Range(string first, string? last = null) => new(IPAddress.Parse(first), IPAddress.Parse(last ?? first));

    public static NetOutRule Rule(
        string first, string? last = null, (int, int)? ports = null, NetProtocol protocol = NetProtocol.Tcp, int? type = null, int? code = null,
        bool log = false) =>
        new(Range(first, last), ports, protocol, type, code, log);

    /// <summary>Starts a server's part, on the host's thread as the sockets belong to its namespace.</summary>
    public void Start(Func<BackendSettings, BackendSettings>? change = null)
    {
        var settings = new BackendSettings { DepotPath = "/depot", Pool = IPNetwork.Parse("10.254.0.0/24") };
        Network = Host.Run(() => HostNetwork.StartAsync(change?.Invoke(settings) ?? settings, default).AsTask().GetAwaiter().GetResult());
    }

    /// <summary>Starts the part of another server after the first is gone.</summary>
    public async Task RestartAsync(Func<BackendSettings, BackendSettings>? change = null)
    {
        await Network.DisposeAsync();
        Start(change);
    }

    /// <summary>Makes a container's network: number 0 has 10.254.0.2.</summary>
    public async Task<TestContainer> AddAsync(int number)
    {
        var container = await ConnectAsync(number, Own(new NetworkNamespace()));
        container.Network.Execute("ip", "addr", "add", $"{container.Address}/30", "dev", $"w-{container.Id}-1");
        container.Network.Execute("ip", "link", "set", $"w-{container.Id}-1", "up");
        container.Network.Execute("ip", "route", "add", "default", "via", $"{container.HostAddress}");
        return container;
    }

    /// <summary>The same without what a container does to its own end.</summary>
    public async Task<TestContainer> ConnectAsync(int number, NetworkNamespace inside)
    {
        var container = new TestContainer($"{number:x11}", number, inside);
        await Network.AddContainerAsync(container.Id, container.HostAddress, container.IPAddress, inside.ThreadId, default);
        return container;
    }

    public Task OpenAsync(TestContainer container, NetOutRule rule) => Network.OpenAsync(container.Id, rule, default).AsTask();

    public Task ForwardAsync(TestContainer container, int hostPort, int port) =>
        Network.ForwardPortAsync(container.Id, container.IPAddress, hostPort, port, default).AsTask();

    public T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    public async ValueTask DisposeAsync()
    {
        await Network.DisposeAsync();
        _owned.Reverse();
        _owned.ForEach(owned => owned.Dispose());
    }

    /// <summary>A container's id, addresses and inside.</summary>
    internal sealed record TestContainer(string Id, int Number, NetworkNamespace Network)
    {
        public IPAddress HostAddress => IPAddress.Parse($"10.254.0.{(4 * Number) + 1}");

        public IPAddress IPAddress => IPAddress.Parse($"10.254.0.{(4 * Number) + 2}");

        public string Address => IPAddress.ToString();
    }
}
