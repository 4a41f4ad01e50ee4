using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Warden.Linux.Interop;
using Warden.Linux.Networking;
using Warden.Spec;
using Warden.Spec.Backend;
using Xunit;
using static Warden.ConformanceTests.Units.Linux.Networking.NetworkWorld;

namespace Warden.ConformanceTests.Units.Linux.Networking;

/// <summary>What Warden.Linux makes of the host's network and what it leaves, in namespaces of the test's own.</summary>
public sealed class HostNetworkTests
{
    [SkippableFact]
    public async Task RemovalLeavesNothingAndTheNextContainerOfTheAddressHasNothingOpen()
    {
        await using var world = Create();
        var before = world.Host.Execute("nft", "list", "ruleset");
        var links = world.Links;
        var first = await world.AddAsync(0);
        world.Own(world.Outside.Serve(80, "peer"));
        await world.OpenAsync(first, Rule(Peer));
        await world.ForwardAsync(first, 61001, 8080);
        await world.Network.LimitBandwidthAsync(first.Id, new BandwidthLimit(100_000, 20_000), default);
        await world.Network.RemoveContainerAsync(first.Id, default);
        await world.Network.RemoveContainerAsync(first.Id, default);
        await world.Network.RemoveContainerAsync("0123456789v", default);
        Assert.Equal(before, world.Host.Execute("nft", "list", "ruleset"));
        Assert.Equal(links, world.Links);

        var again = await world.AddAsync(0);
        Assert.Equal("ConnectionRefused", again.Network.Ask(Peer, 80));
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(6)]
    public async Task WhatAContainerHadUnderWayIsNotOpenToTheNextOneOfItsAddress(int count)
    {
        await using var world = Create();
        world.Own(world.Outside.EchoDatagrams(OtherPeer, 7));
        var containers = new List<TestContainer>();
        for (var number = 0; number < count; number++)
        {
            containers.Add(await world.AddAsync(number));
            await world.OpenAsync(containers[^1], Rule(OtherPeer, protocol: NetProtocol.Udp));
            Assert.Equal("hello", containers[^1].Network.AskDatagram(OtherPeer, 7, 5000));
        }
        await Task.WhenAll(containers.Select(container => world.Network.RemoveContainerAsync(container.Id, default).AsTask()));
        for (var number = 0; number < count; number++)
        {
            Assert.Equal("ConnectionRefused", (await world.AddAsync(number)).Network.AskDatagram(OtherPeer, 7, 5000));
        }
    }

    [SkippableFact]
    public async Task TwentyAtOnceComeAndGo()
    {
        await using var world = Create();
        var before = world.Host.Execute("nft", "list", "ruleset");
        var links = world.Links;
        var namespaces = Enumerable.Range(0, 20).Select(_ => world.Own(new NetworkNamespace())).ToArray();
        for (var round = 0; round < 10; round++)
        {
            await Task.WhenAll(namespaces.Select((inside, number) => Task.Run(async () =>
            {
                var container = await world.ConnectAsync(number, inside);
                await world.OpenAsync(container, Rule(Peer));
                await world.ForwardAsync(container, 61001, 8080);
                await world.Network.LimitBandwidthAsync(container.Id, new BandwidthLimit(1_000_000, 1), default);
                await world.Network.RemoveContainerAsync(container.Id, default);
            })));
        }
        Assert.Equal(before, world.Host.Execute("nft", "list", "ruleset"));
        Assert.Equal(links, world.Links);
    }

    [SkippableFact]
    public async Task AContainerThatCannotBeConnectedLeavesNothing()
    {
        await using var world = Create();
        var before = world.Host.Execute("nft", "list", "ruleset");
        var failure = await Assert.ThrowsAsync<LinuxException>(() => world.Network.AddContainerAsync(
            "0000000000a", IPAddress.Parse("10.254.0.1"), IPAddress.Parse("10.254.0.2"), int.MaxValue, default).AsTask());
        Assert.StartsWith("Cannot add the interface w-0000000000a-0", failure.Message, StringComparison.Ordinal);
        Assert.Equal(before, world.Host.Execute("nft", "list", "ruleset"));
    }

    [SkippableFact]
    public async Task TheInterfaceHasItsAddressAndMtuAndNoIPv6()
    {
        await using var world = Create(settings => settings with { Mtu = 1400 });
        var first = await world.AddAsync(0);
        var text = world.Host.Execute("ip", "addr", "show", $"w-{first.Id}-0");
        Assert.Contains("mtu 1400", text);
        Assert.Contains("inet 10.254.0.1/30 scope global", text);
        Assert.DoesNotContain("inet6", text);
        Assert.Contains("mtu 1400", first.Network.Execute("ip", "link", "show", $"w-{first.Id}-1"));
        Assert.Equal("1", world.Host.Execute("cat", "/proc/sys/net/ipv4/ip_forward").Trim());
    }

    [SkippableFact]
    public async Task AContainerThatSendsIPv6NeitherReachesTheHostNorBecomesItsRouter()
    {
        await using var world = Create();
        world.Host.Execute("ip", "-6", "addr", "add", "2001:db8:1::1/64", "dev", "eth0", "nodad");
        var first = await world.AddAsync(0);
        await world.Network.LimitBandwidthAsync(first.Id, new BandwidthLimit(1_000_000, 20_000), default);
        var link = $"w-{first.Id}-1";
        first.Network.Execute("ip", "-6", "addr", "add", "fe80::2/64", "dev", link, "nodad");
        first.Network.Execute("ip", "-6", "neigh", "add", "fe80::1", "lladdr", AddressOf(world.Host, $"w-{first.Id}-0"), "dev", link);
        first.Network.Execute("ip", "-6", "route", "add", "2001:db8:1::/64", "via", "fe80::1", "dev", link);

        first.Network.Run(() =>
        {
            // A router advertisement (RFC 4861) of half an hour, with a network to take addresses of.
            using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Raw, ProtocolType.IcmpV6);
            socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastTimeToLive, 255);
            var index = int.Parse(File.ReadAllText($"/proc/thread-self/net/if_inet6").Split('\n').First(line => line.EndsWith(link, StringComparison.Ordinal))
                .Split(' ')[1], System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture);
            socket.Bind(new IPEndPoint(IPAddress.Parse($"fe80::2%{index}"), 0));
            return socket.SendTo(
                Convert.FromHexString("86000000400007080000000000000000" + "030440c0000151800001518000000000" + "20010db8000900000000000000000000"),
                new IPEndPoint(IPAddress.Parse($"ff02::1%{index}"), 0));
        });

        Assert.NotEqual(0, first.Network.TryExecute("ping", "-6", "-n", "-c", "1", "-W", "1", "2001:db8:1::1").Status);
        Assert.DoesNotContain("fe80::2", world.Host.Execute("ip", "-6", "route"), StringComparison.Ordinal);
        Assert.DoesNotContain("2001:db8:9", world.Host.Execute("ip", "-6", "addr"), StringComparison.Ordinal);
        Assert.Equal("0", Delivered(world.Host));
    }

    [SkippableFact]
    public async Task WhatComesTooLateForAContainerThatIsRemovedLeavesNothing()
    {
        await using var world = Create();
        var before = world.Host.Execute("nft", "list", "ruleset");
        var links = world.Links;
        var inside = world.Own(new NetworkNamespace());
        for (var round = 0; round < 10; round++)
        {
            var container = await world.ConnectAsync(round, inside);
            var removal = world.Network.RemoveContainerAsync(container.Id, default).AsTask();
            var limit = Task.Run(() => world.Network.LimitBandwidthAsync(container.Id, new BandwidthLimit(100_000, 20_000), default).AsTask());
            var forward = Task.Run(() => world.ForwardAsync(container, 61001, 8080));
            await Task.WhenAll(removal, limit, forward).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await removal;
            await Assert.ThrowsAsync<WardenException>(() => world.ForwardAsync(container, 61001, 8080));
            await Assert.ThrowsAsync<WardenException>(
                () => world.Network.LimitBandwidthAsync(container.Id, new BandwidthLimit(100_000, 20_000), default).AsTask());
        }
        Assert.Equal(before, world.Host.Execute("nft", "list", "ruleset"));
        Assert.Equal(links, world.Links);
    }

    [SkippableFact]
    public async Task ContainersRulesAndForwardsOutliveTheServer()
    {
        await using var world = Create();
        var first = await world.AddAsync(0);
        world.Own(world.Outside.Serve(80, "peer"));
        world.Own(first.Network.Serve(8080, "first"));
        await world.OpenAsync(first, Rule(Peer));
        await world.ForwardAsync(first, 61001, 8080);
        var before = world.Host.Execute("nft", "list", "ruleset");
        await world.RestartAsync();
        Assert.Equal(before, world.Host.Execute("nft", "list", "ruleset"));
        Assert.Equal([first.Id], world.Network.Ids);
        Assert.True(await world.Network.RecoverContainerAsync(first.Id, first.HostAddress, first.IPAddress, default));
        Assert.False(await world.Network.RecoverContainerAsync("0000000000b", first.HostAddress, IPAddress.Parse("10.254.0.6"), default));
        Assert.Equal($"peer {External}", first.Network.Ask(Peer, 80));
        Assert.Equal("first 198.51.100.254", world.Outside.Ask(External, 61001));
        await world.ForwardAsync(first, 61001, 8080);
    }

    [SkippableFact]
    public async Task ATableThatSomebodyHasRemovedComesBackWithWhatThisServerGave()
    {
        await using var world = Create();
        var first = await world.AddAsync(0);
        var second = await world.AddAsync(1);
        world.Own(world.Outside.Serve(80, "peer"));
        await world.OpenAsync(first, Rule(Peer));
        await world.OpenAsync(first, Rule(OtherPeer));
        await world.ForwardAsync(first, 61001, 8080);
        await world.ForwardAsync(second, 61001, 8080);
        await world.OpenAsync(second, Rule(OtherPeer));
        var before = world.Host.Execute("nft", "list", "ruleset");
        world.Host.Execute("nft", "flush", "ruleset");
        await world.AddAsync(2);
        await world.Network.RemoveContainerAsync($"{2:x11}", default);
        Assert.Equal(before, world.Host.Execute("nft", "list", "ruleset"));
        Assert.Equal("ConnectionRefused", second.Network.Ask(Peer, 80));

        world.Host.Execute("nft", "flush", "ruleset");
        await world.Network.RemoveContainerAsync(first.Id, default);
    }

    [SkippableFact]
    public async Task TeardownRemovesWhatIsOursAndNothingElse()
    {
        await using var world = Create();
        var before = world.Links;
        world.Host.Execute("nft", "add", "table", "inet", "warden-other");
        world.Host.Execute("nft", "add", "table", "ip", "filter");
        world.Host.Execute("ip", "link", "add", "w-0-0", "type", "ifb");
        foreach (var number in (int[])[0, 1, 2])
        {
            var container = await world.AddAsync(number);
            await world.Network.LimitBandwidthAsync(container.Id, new BandwidthLimit(100_000, 20_000), default);
        }
        world.Host.Run(() =>
        {
            HostNetwork.RemoveAllAsync(default).AsTask().GetAwaiter().GetResult();
            return 0;
        });
        Assert.Equal(["table inet warden-other", "table ip filter"], world.Host.Execute("nft", "list", "tables").Trim().Split('\n').Order());
        world.Host.Execute("ip", "link", "del", "w-0-0");
        Assert.Equal(before, world.Links);
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task EachDirectionIsDelayedToItsRate(bool outwards)
    {
        const int Bytes = 400_000;
        await using var world = Create();
        var first = await world.AddAsync(0);
        await world.Network.LimitBandwidthAsync(first.Id, new BandwidthLimit(10_000_000_000, 1), default);
        await world.Network.LimitBandwidthAsync(first.Id, new BandwidthLimit(200_000, 20_000), default);
        // It never takes less; what takes longer may have waited for the machine, and is tried again.
        var seconds = await SendAsync();
        for (var tries = 1; tries < 3 && seconds > 10; tries++)
        {
            seconds = await SendAsync();
        }

        Assert.InRange(seconds, 1.7, 10);

        async Task<double> SendAsync()
        {
            using var listener = first.Network.Run(() =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Any, 7000));
                socket.Listen();
                return socket;
            });
            using var client = world.Host.Run(() =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Connect(first.IPAddress, 7000);
                return socket;
            });
            using var server = await listener.AcceptAsync();
            var (sender, receiver) = outwards ? (server, client) : (client, server);
            var watch = Stopwatch.StartNew();
            var sending = Task.Run(() =>
            {
                sender.Send(new byte[Bytes]);
                sender.Shutdown(SocketShutdown.Send);
            });
            var buffer = new byte[65536];
            var received = 0;
            while (await receiver.ReceiveAsync(buffer) is > 0 and var count)
            {
                received += count;
            }
            await sending;
            Assert.Equal(Bytes, received);

            return watch.Elapsed.TotalSeconds;
        }
    }

    private static string AddressOf(NetworkNamespace host, string link) =>
        host.Execute("ip", "-br", "link", "show", link).Split(' ', StringSplitOptions.RemoveEmptyEntries)[2];

    private static string Delivered(NetworkNamespace host) =>
        host.Execute("cat", "/proc/net/snmp6").Split('\n').First(line => line.StartsWith("Icmp6InEchos", StringComparison.Ordinal)).Split('\t', ' ')[^1];
}
