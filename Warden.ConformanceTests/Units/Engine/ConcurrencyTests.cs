using System.Net;
using Warden.ConformanceTests.Support;
using Warden.Spec;
using Warden.Spec.Protocol;
using Warden.Spec.Server.Configuration;
using Xunit;

namespace Warden.ConformanceTests.Units.Engine;

public sealed class ConcurrencyTests
{
    private static readonly string[] Handles = ["a", "b", "c", "d", "e"];
    private static readonly string[] Scripts = ["true", "print x", "wait"];

    [Fact]
    public async Task Whatever_happens_at_once_nothing_leaks()
    {
        var seed = Seed.Value;
        const int networks = 8;
        await using var harness = await EngineHarness.StartAsync(new WardenConfiguration
        {
            Network = new NetworkSection { Pool = IPNetwork.Parse("10.254.0.0/27"), ReleaseDelay = TimeSpan.Zero },
            User = new UserSection { Size = networks },
            Port = new PortSection { StartPort = 61001, Size = 1000 },
        });
        var clients = Task.WhenAll(Enumerable.Range(0, 8).Select(index => Task.Run(() => Client(harness, new Random(seed + index)))));
        await harness.Until(() => clients.IsCompleted, TimeSpan.FromSeconds(1));
        await clients;

        using var session = harness.Open();
        var end = DestroyAll(session);
        await harness.Until(() => end.IsCompleted, TimeSpan.FromSeconds(1));
        await end;

        // All of every pool can be had again.
        for (var count = 0; count < networks; count++)
        {
            await session.Create($"again {count}");
        }

        for (var count = 0; count < 1000; count++)
        {
            await session.Call<NetInResponse>(new NetInRequest { Handle = FakeSession.B("again 0") });
        }

        Assert.Equal("no port available", await session.Error(new NetInRequest { Handle = FakeSession.B("again 0") }));
        Assert.Equal(networks, harness.Machine.Containers.Count);
        Assert.Equal(networks, harness.Machine.Snapshots.Count);
    }

    private static async Task DestroyAll(FakeSession session)
    {
        while (await session.List() is [var handle, ..])
        {
            try
            {
                await session.Destroy(handle);
            }
            catch (WardenException exception) when (exception.Message == "unknown handle")
            {
                // Its grace time was over.
            }
        }
    }

    private static async Task Client(EngineHarness harness, Random random)
    {
        for (var connection = 0; connection < 10; connection++)
        {
            using var session = harness.Open();
            for (var step = 0; step < 40; step++)
            {
                try
                {
                    await Step(harness, session, random);
                }
                catch (WardenException)
                {
                    // Others take handles, stop and destroy at the same time.
                }
            }
        }
    }

    private static async Task Step(EngineHarness harness, FakeSession session, Random random)
    {
        var handle = Handles[random.Next(Handles.Length)];
        switch (random.Next(9))
        {
            case 0 or 1:
                await session.Create(handle, grace: random.Next(2) == 0 ? 0u : 100u);
                break;
            case 2:
                await session.Destroy(handle);
                break;
            case 3:
                await session.Stop(handle, background: random.Next(2) == 0);
                break;
            case 4:
                await session.Spawn(handle, Scripts[random.Next(Scripts.Length)]);
                break;
            case 5:
                var running = (await session.Info(handle)).JobIds;
                if (running.Count > 0)
                {
                    var link = session.Link(handle, (uint)running[0]);
                    harness.Machine.Containers.Values.SelectMany(container => container.Jobs.Values)
                        .FirstOrDefault(job => job.Id == running[0])?.Finish(1);
                    await link;
                }

                break;
            case 6:
                await session.Call<NetInResponse>(new NetInRequest { Handle = FakeSession.B(handle) });
                break;
            case 7:
                await session.Call<RunResponse>(
                    new RunRequest { Handle = FakeSession.B(handle), Script = FakeSession.B("print y") });
                break;
            default:
                await session.Call<LimitCpuResponse>(new LimitCpuRequest { Handle = FakeSession.B(handle), LimitInShares = 7 });
                break;
        }
    }
}
