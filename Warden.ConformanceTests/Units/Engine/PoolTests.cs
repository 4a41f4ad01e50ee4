using System.Net;
using Microsoft.Extensions.Time.Testing;
using Warden.ConformanceTests.Support;
using Warden.Spec;
using Warden.Spec.Containers.Pools;
using Warden.Spec.Server.Configuration;
using Xunit;

namespace Warden.ConformanceTests.Units.Engine;

public sealed class PoolTests
{
    [Fact]
    public void A_released_network_rests_and_then_comes_last()
    {
        var time = new FakeTimeProvider();
        var pool = new NetworkPool(IPNetwork.Parse("10.254.0.0/29"), TimeSpan.FromSeconds(5), time);
        var first = pool.Take();
        var second = pool.Take();
        Assert.Equal("10.254.0.0", NetworkPool.ToAddress(first).ToString());
        Assert.Equal("10.254.0.4", NetworkPool.ToAddress(second).ToString());
        pool.Release(first);
        Assert.Equal("Could not acquire network", Assert.Throws<WardenException>(() => pool.Take()).Message);
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(first, pool.Take());
    }

    [Fact]
    public void A_network_can_be_asked_for_by_any_of_its_addresses()
    {
        var pool = new NetworkPool(IPNetwork.Parse("10.254.0.0/28"), TimeSpan.Zero, TimeProvider.System);
        var wanted = NetworkPool.ToNumber(IPAddress.Parse("10.254.0.6"));
        Assert.Equal(wanted & ~3u, pool.Take(wanted));
        Assert.Equal("Could not acquire network: 10.254.0.4", Assert.Throws<WardenException>(() => pool.Take(wanted)).Message);
        var outside = NetworkPool.ToNumber(IPAddress.Parse("10.254.0.18"));
        Assert.Equal("Could not acquire network: 10.254.0.16", Assert.Throws<WardenException>(() => pool.Take(outside)).Message);
        Assert.Equal(["10.254.0.0", "10.254.0.8", "10.254.0.12"], Enumerable.Range(0, 3).Select(_ => NetworkPool.ToAddress(pool.Take()).ToString()));
    }

    [Fact]
    public void A_pool_hands_out_what_has_been_free_longest()
    {
        var seed = Seed.Value;
        var random = new Random(seed);
        const int size = 40;
        var pool = new FifoPool(size, TimeSpan.Zero, TimeProvider.System);
        var free = new List<int>(Enumerable.Range(0, size));
        var taken = new List<int>();
        for (var step = 0; step < 5000; step++)
        {
            switch (random.Next(3))
            {
                case 0:
                    Assert.Equal(free.Count > 0, pool.TryTake(out var next));
                    if (free.Count > 0)
                    {
                        Assert.Equal(free[0], next);
                        free.RemoveAt(0);
                        taken.Add(next);
                    }

                    break;
                case 1:
                    var wanted = random.Next(-1, size + 1);
                    Assert.Equal(free.Remove(wanted), pool.TryTake(wanted));
                    if (wanted is >= 0 and < size && !taken.Contains(wanted))
                    {
                        taken.Add(wanted);
                    }

                    break;
                default:
                    if (taken.Count > 0)
                    {
                        var back = taken[random.Next(taken.Count)];
                        taken.Remove(back);
                        free.Add(back);
                        pool.Release(back);
                        pool.Release(back);
                    }

                    break;
            }
        }
    }

    [Fact]
    public async Task Pools_that_are_of_no_use_refuse_the_start()
    {
        await Refused(new WardenConfiguration { Port = new PortSection { StartPort = 10000, Size = 999 } }, "999 ports");
        await Refused(new WardenConfiguration { Port = new PortSection { StartPort = 65000 } }, "1 ports");
        await Refused(new WardenConfiguration { Port = new PortSection { StartPort = 65000, Size = 1000 } }, "beyond 65535");
        await Refused(new WardenConfiguration { User = new UserSection { StartUid = 65500, Size = 64 } }, "uid 65534");
        await Refused(new WardenConfiguration { Network = new NetworkSection { Pool = IPNetwork.Parse("10.0.0.0/31") } }, "10.0.0.0/31");

        static async Task Refused(WardenConfiguration configuration, string text) =>
            Assert.Contains(
                text,
                (await Assert.ThrowsAsync<WardenException>(() => EngineHarness.StartAsync(configuration))).Message,
                StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_create_returns_what_it_took_at_once()
    {
        await using var harness = await EngineHarness.StartAsync(new WardenConfiguration
        {
            Network = new NetworkSection { Pool = IPNetwork.Parse("10.254.0.0/30") },
            User = new UserSection { Size = 1 },
        });
        using var session = harness.Open();
        harness.Machine.CreateFails = new WardenException("rootfs /nowhere not found");
        for (var count = 0; count < 3; count++)
        {
            Assert.Equal("rootfs /nowhere not found", await session.Error(new Warden.Spec.Protocol.CreateRequest { Handle = FakeSession.B("h") }));
        }

        harness.Machine.CreateFails = null;
        await session.Create("h");
        Assert.Equal("Could not acquire network", await session.Error(new Warden.Spec.Protocol.CreateRequest()));
        Assert.Equal(["h"], await session.List());
        await session.Destroy("h");
        Assert.Equal("Could not acquire network", await session.Error(new Warden.Spec.Protocol.CreateRequest()));
        harness.Time.Advance(TimeSpan.FromSeconds(5));
        await session.Create("h");
    }
}
