using Warden.Spec.Backend;
using Xunit;
using static Warden.ConformanceTests.Units.Linux.Networking.NetworkWorld;

namespace Warden.ConformanceTests.Units.Linux.Networking;

/// <summary>What the firewall of Warden.Linux lets through, with packets in namespaces of the test's own.</summary>
public sealed class FirewallTests
{
    private const string Refused = "ConnectionRefused";

    [SkippableFact]
    public async Task AContainerReachesNothingAtFirstAndIsRefusedAtOnce()
    {
        await using var world = Create();
        var first = await world.AddAsync(0);
        var second = await world.AddAsync(1);
        world.Own(world.Outside.Serve(80, "peer"));
        world.Own(world.Host.Serve(80, "host"));
        world.Own(second.Network.Serve(80, "second"));
        world.Own(world.Outside.EchoDatagrams(Peer, 7));

        // First of all: the kernel sends few such answers at a time.
        await Support.Deadline.UntilAsync("a ping is told to be refused", () => Task.FromResult(
            first.Network.TryExecute("ping", "-n", "-c", "1", "-W", "3", Peer).Output
                .Contains("From 10.254.0.1 icmp_seq=1 Destination Port Unreachable", StringComparison.Ordinal)));
        Assert.Equal(Refused, first.Network.AskDatagram(Peer, 7));
        foreach (var address in (string[])[Peer, External, "10.254.0.1", "10.254.0.5", second.Address])
        {
            Assert.Equal(Refused, first.Network.Ask(address, 80));
            Assert.False(first.Network.Pings(address));
        }
    }

    [SkippableFact]
    public async Task TheHostReachesAContainerAndTheOutsideDoesNot()
    {
        await using var world = Create();
        var first = await world.AddAsync(0);
        world.Own(first.Network.Serve(80, "first"));

        Assert.Equal("first 10.254.0.1", world.Host.Ask(first.Address, 80));
        Assert.True(world.Host.PingsInTime(first.Address));
        Assert.Equal(Refused, world.Outside.Ask(first.Address, 80));
    }

    [SkippableFact]
    public async Task ARuleOpensItsNetworkPortsAndProtocolAndTrafficIsMasqueraded()
    {
        await using var world = Create();
        var first = await world.AddAsync(0);
        var second = await world.AddAsync(1);
        foreach (var port in (int[])[79, 80, 81])
        {
            world.Own(world.Outside.Serve(port, "peer"));
        }
        world.Own(world.Outside.EchoDatagrams(OtherPeer, 80));
        await world.OpenAsync(first, Rule(Peer, ports: (80, 80)));

        Assert.Equal($"peer {External}", first.Network.Ask(Peer, 80));
        Assert.Equal(Refused, first.Network.Ask(Peer, 81));
        Assert.Equal(Refused, first.Network.Ask(OtherPeer, 80));
        Assert.Equal(Refused, first.Network.AskDatagram(OtherPeer, 80));
        Assert.Equal(Refused, second.Network.Ask(Peer, 80));

        await world.OpenAsync(first, Rule("203.0.113.0", "203.0.113.9", (79, 80), NetProtocol.All, log: true));
        Assert.Equal($"peer {External}", first.Network.Ask(OtherPeer, 79));
        Assert.Equal(Refused, first.Network.Ask(OtherPeer, 81));
        Assert.Equal("hello", first.Network.AskDatagram(OtherPeer, 80));
        Assert.False(first.Network.Pings(Peer));

        await world.OpenAsync(first, new NetOutRule(null, (81, 81), NetProtocol.Tcp, null, null, false));
        Assert.Equal($"peer {External}", first.Network.Ask(OtherPeer, 81));
        await world.OpenAsync(first, Rule(Peer, protocol: NetProtocol.All, log: true));
        Assert.True(first.Network.PingsInTime(Peer));
    }

    [SkippableFact]
    public async Task IcmpIsOpenedByTypeAndCode()
    {
        await using var world = Create();
        foreach (var (number, type, code, open) in ((int, int?, int?, bool)[])
            [(0, null, null, true), (1, 8, null, true), (2, 8, 0, true), (3, 0, null, false), (4, 8, 1, false), (5, -1, -1, true)])
        {
            var container = await world.AddAsync(number);
            await world.OpenAsync(container, Rule(Peer, protocol: NetProtocol.Icmp, type: type, code: code));
            Assert.Equal(open, open ? container.Network.PingsInTime(Peer) : container.Network.Pings(Peer));
            Assert.Equal(Refused, container.Network.Ask(Peer, 80));
        }
    }

    [SkippableFact]
    public async Task ALaterRuleComesFirst()
    {
        await using var world = Create();
        var first = await world.AddAsync(0);
        await world.OpenAsync(first, Rule(Peer, ports: (1, 2), log: true));
        await world.OpenAsync(first, Rule(OtherPeer, protocol: NetProtocol.Udp));
        await world.OpenAsync(first, Rule(OtherPeer, protocol: NetProtocol.All, log: true));

        var rules = world.Host.Execute("nft", "--numeric-protocol", "list", "chain", "inet", "warden-10.254.0.0-24", $"w-{first.Id}").Split('\n').Select(line => line.Trim());
        Assert.Equal(
            [
                $"ip daddr {OtherPeer} meta l4proto 6 log prefix \"warden-i-{first.Id} \" level info accept",
                $"ip daddr {OtherPeer} accept",
                $"ip daddr {OtherPeer} meta l4proto 17 accept",
                $"ip daddr {Peer} tcp dport 1-2 log prefix \"warden-i-{first.Id} \" level info accept",
                "goto configured",
            ],
            rules.Where(line => line.EndsWith("accept", StringComparison.Ordinal) || line.StartsWith("goto", StringComparison.Ordinal)));
    }

    [SkippableFact]
    public async Task NothingButHostAccessOpensTheHost()
    {
        await using var world = Create(settings => settings with { AllowNetworks = [Range("0.0.0.0", "255.255.255.255")] });
        var first = await world.AddAsync(0);
        world.Own(world.Host.Serve(80, "host"));
        world.Own(world.Outside.Serve(80, "peer"));
        await world.OpenAsync(first, Rule("0.0.0.0", "255.255.255.255", protocol: NetProtocol.All));
        Assert.Equal(Refused, first.Network.Ask("10.254.0.1", 80));
        Assert.Equal(Refused, first.Network.Ask(External, 80));
        Assert.Equal($"peer {External}", first.Network.Ask(Peer, 80));

        await world.RestartAsync(settings => settings with { AllowHostAccess = true });
        Assert.Equal("host 10.254.0.2", first.Network.Ask("10.254.0.1", 80));
        Assert.True(first.Network.PingsInTime(External));
    }

    [SkippableFact]
    public async Task DeniedNetworksWinOverAllowedOnesAndAnotherServerReplacesThem()
    {
        await using var world = Create(settings => settings with
        {
            AllowNetworks = [Range("203.0.113.0", "203.0.113.255")],
            DenyNetworks = [Range(Peer)],
        });
        var first = await world.AddAsync(0);
        var second = await world.AddAsync(1);
        world.Own(world.Outside.Serve(80, "peer"));
        Assert.Equal(Refused, first.Network.Ask(Peer, 80));
        Assert.Equal($"peer {External}", first.Network.Ask(OtherPeer, 80));
        await world.OpenAsync(second, Rule(Peer));
        Assert.Equal($"peer {External}", second.Network.Ask(Peer, 80));

        await world.RestartAsync();
        Assert.True(await world.Network.RecoverContainerAsync(second.Id, second.HostAddress, second.IPAddress, default));
        Assert.Equal(Refused, first.Network.Ask(OtherPeer, 80));
        Assert.Equal($"peer {External}", second.Network.Ask(Peer, 80));
    }

    [SkippableFact]
    public async Task AnotherContainerIsReachedWithItsOwnAddressWhereItIsOpened()
    {
        await using var world = Create();
        var first = await world.AddAsync(0);
        var second = await world.AddAsync(1);
        world.Own(second.Network.Serve(7000, "second"));
        await world.OpenAsync(first, Rule(second.Address, ports: (7000, 7000)));
        Assert.Equal("second 10.254.0.2", first.Network.Ask(second.Address, 7000));
    }

    [SkippableFact]
    public async Task AFalseSourceAddressLeadsNowhere()
    {
        await using var world = Create();
        var first = await world.AddAsync(0);
        var second = await world.AddAsync(1);
        world.Own(world.Outside.Serve(80, "peer"));
        await world.OpenAsync(second, Rule(Peer));
        first.Network.Execute("ip", "addr", "add", $"{second.Address}/32", "dev", "lo");
        first.Network.Execute("ip", "route", "replace", "default", "via", "10.254.0.1", "src", second.Address);

        Assert.NotEqual($"peer {External}", first.Network.Ask(Peer, 80, TimeSpan.FromSeconds(5)));
        Assert.Equal($"peer {External}", second.Network.Ask(Peer, 80));
    }
}
