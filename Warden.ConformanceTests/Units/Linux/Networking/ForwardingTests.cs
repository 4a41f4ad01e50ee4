using Xunit;
using static Warden.ConformanceTests.Units.Linux.Networking.NetworkWorld;

namespace Warden.ConformanceTests.Units.Linux.Networking;

/// <summary>Forwarded ports of Warden.Linux, with packets in namespaces of the test's own.</summary>
public sealed class ForwardingTests
{
    private const string Refused = "ConnectionRefused";

    [SkippableFact]
    public async Task TheOutsideAndTheHostReachAForwardedPort()
    {
        await using var world = Create();
        var first = await world.AddAsync(0);
        world.Own(first.Network.Serve(8080, "first"));
        await world.ForwardAsync(first, 61001, 8080);
        await world.ForwardAsync(first, 61001, 8080);

        Assert.Equal("first 198.51.100.254", world.Outside.Ask(External, 61001));
        Assert.Equal($"first {External}", world.Host.Ask(External, 61001));
        Assert.Equal(Refused, world.Host.Ask("127.0.0.1", 61001));
        Assert.Equal(Refused, world.Outside.Ask(External, 61002));
    }

    [SkippableFact]
    public async Task OfTwoForwardsTheEarlierWinsUntilItsContainerIsGone()
    {
        await using var world = Create();
        var containers = new[] { await world.AddAsync(0), await world.AddAsync(1), await world.AddAsync(2) };
        foreach (var container in containers)
        {
            world.Own(container.Network.Serve(8080, container.Id));
            await world.ForwardAsync(container, 61001, 8080);
            Assert.StartsWith(containers[0].Id, world.Outside.Ask(External, 61001), StringComparison.Ordinal);
        }
        await world.RestartAsync();
        for (var i = 0; i < containers.Length; i++)
        {
            Assert.StartsWith(containers[i].Id, world.Outside.Ask(External, 61001), StringComparison.Ordinal);
            await world.Network.RemoveContainerAsync(containers[i].Id, default);
        }
        Assert.Equal(Refused, world.Outside.Ask(External, 61001));
    }

    [SkippableFact]
    public async Task AnotherContainerNeedsARuleForWhereTheForwardLeads()
    {
        await using var world = Create();
        var first = await world.AddAsync(0);
        var second = await world.AddAsync(1);
        world.Own(second.Network.Serve(8080, "second"));
        await world.ForwardAsync(second, 61001, 8080);
        await world.OpenAsync(first, Rule(External));
        Assert.Equal(Refused, first.Network.Ask(External, 61001));
        await world.OpenAsync(first, Rule(second.Address, ports: (8080, 8080)));
        Assert.Equal("second 10.254.0.2", first.Network.Ask(External, 61001));
    }

    [SkippableFact]
    public async Task AContainerComesBackToItselfThroughItsForwardWithTheHostsAddress()
    {
        await using var world = Create();
        var first = await world.AddAsync(0);
        world.Own(first.Network.Serve(8080, "first"));
        await world.ForwardAsync(first, 61001, 8080);
        Assert.Equal(Refused, first.Network.Ask(External, 61001));
        await world.OpenAsync(first, Rule(first.Address));
        Assert.Equal($"first {External}", first.Network.Ask(External, 61001));
    }

    [SkippableFact]
    public async Task AForwardLeavesTheContainersOwnTrafficToSuchAPortElsewhereAlone()
    {
        await using var world = Create();
        var first = await world.AddAsync(0);
        var second = await world.AddAsync(1);
        world.Own(world.Outside.Serve(8080, "peer"));
        world.Own(first.Network.Serve(8080, "first"));
        world.Own(second.Network.Serve(8080, "second"));
        await world.ForwardAsync(first, 8080, 8080);
        await world.OpenAsync(first, Rule(Peer));
        await world.OpenAsync(first, Rule(second.Address));
        Assert.Equal($"peer {External}", first.Network.Ask(Peer, 8080));
        Assert.Equal("second 10.254.0.2", first.Network.Ask(second.Address, 8080));
        Assert.Equal($"peer {External}", world.Host.Ask(Peer, 8080));
    }
}
