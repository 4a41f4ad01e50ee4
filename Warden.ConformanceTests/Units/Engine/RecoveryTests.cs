using System.Text;
using System.Text.Json;
using Warden.ConformanceTests.Support;
using Warden.Spec;
using Warden.Spec.Backend;
using Warden.Spec.Protocol;
using Warden.Spec.Server.Configuration;
using Xunit;

namespace Warden.ConformanceTests.Units.Engine;

public sealed class RecoveryTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_restarted_server_takes_over_what_lives(bool crash)
    {
        await using var harness = await EngineHarness.StartAsync();
        var session = harness.Open();
        await session.Create("é 中 \"quoted\"", grace: 9);
        var running = await session.Spawn("é 中 \"quoted\"", "wait");
        var ended = await session.Spawn("é 中 \"quoted\"", "print kept");
        var linked = await session.Spawn("é 中 \"quoted\"", "true");
        await session.Link("é 中 \"quoted\"", linked);
        var handle = FakeSession.B("é 中 \"quoted\"");
        var port = (await session.Call<NetInResponse>(new NetInRequest { Handle = handle })).HostPort;
        await session.Call<NetOutResponse>(new NetOutRequest { Handle = handle, Network = "1.1.1.1-1.1.1.9", PortRange = "80:90", Log = true });
        await session.Call<LimitBandwidthResponse>(new LimitBandwidthRequest { Handle = handle, Rate = 1000, Burst = 10 });
        await session.Call<LimitDiskResponse>(new LimitDiskRequest { Handle = handle, ByteLimit = 1025, InodeLimit = 9 });
        var before = await session.Info("é 中 \"quoted\"");

        await harness.RestartAsync(crash);
        session = harness.Open();
        Assert.Equal(["é 中 \"quoted\""], await session.List());
        var after = await session.Info("é 中 \"quoted\"");
        Assert.Equal(before, after);
        Assert.Equal("kept", (await session.Link("é 中 \"quoted\"", ended)).Stdout.ToStringUtf8());
        Assert.Equal("no such job", await session.Error(new LinkRequest { Handle = handle, JobId = linked }));
        harness.Machine.Job(running).Write(OutputStream.Stdout, "still");
        harness.Machine.Job(running).Finish(4);
        Assert.Equal("still", (await session.Link("é 中 \"quoted\"", running)).Stdout.ToStringUtf8());
        Assert.Equal(2ul, (await session.Call<LimitDiskResponse>(new LimitDiskRequest { Handle = handle })).BlockHard);

        // What it holds is nobody else's, and ids count on.
        Assert.True(await session.Spawn("é 中 \"quoted\"", "true") > linked);
        Assert.NotEqual(port, (await session.Call<NetInResponse>(new NetInRequest { Handle = handle })).HostPort);
        Assert.Equal(
            $"Could not acquire network: {before.HostIp[..^1]}0", await session.Error(new CreateRequest { Network = before.ContainerIp }));
        Assert.Equal(
            "container with handle: é 中 \"quoted\" already exists.", await session.Error(new CreateRequest { Handle = handle }));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Limits_of_the_disk_are_set_again_and_none_that_cannot_be_takes_the_container(bool fails)
    {
        await using var harness = await EngineHarness.StartAsync();
        var session = harness.Open();
        await session.Create("c");
        await session.Create("free");
        await session.Call<LimitDiskResponse>(new LimitDiskRequest { Handle = FakeSession.B("c"), ByteLimit = 1025, InodeSoft = 8, InodeHard = 9 });

        // Somebody else of the host has changed them.
        harness.Backend("c").Disk = new DiskLimits(1, 1, 1, 1);
        harness.Backend("free").LimitDiskFails = new InvalidOperationException("It has no limits to set.");
        harness.Backend("c").LimitDiskFails = fails ? new IOException("The host refuses.") : null;
        await harness.RestartAsync(crash: true);

        session = harness.Open();
        Assert.Equal(["c", "free"], (await session.List()).Order(StringComparer.Ordinal));
        Assert.Equal(fails ? new DiskLimits(1, 1, 1, 1) : new DiskLimits(0, 2, 8, 9), harness.Backend("c").Disk);
        var read = await session.Call<LimitDiskResponse>(new LimitDiskRequest { Handle = FakeSession.B("c") });
        Assert.Equal((2ul, 8ul, 9ul), (read.BlockHard, read.InodeSoft, read.InodeHard));
    }

    [Fact]
    public async Task Job_ids_count_on_when_every_container_is_gone()
    {
        await using var harness = await EngineHarness.StartAsync();
        var session = harness.Open();
        await session.Create("c");
        await session.Spawn("c", "true");
        var last = await session.Spawn("c", "true");
        await session.Destroy("c");
        await harness.RestartAsync(crash: true);
        session = harness.Open();
        var id = await session.Create();
        Assert.Equal(11, id.Length);
        Assert.Equal(last + 1, await session.Spawn(id, "true"));
    }

    [Fact]
    public async Task Job_ids_count_on_when_the_server_is_killed_right_behind_the_last_containers_end()
    {
        await using var harness = await EngineHarness.StartAsync();
        var session = harness.Open();
        await session.Create("c");
        var last = await session.Spawn("c", "true");
        harness.Backend("c").OnDestroy = harness.Engine.Crash;
        await session.Destroy("c");
        await harness.RestartAsync(crash: true);
        session = harness.Open();
        Assert.Equal(last + 1, await session.Spawn(await session.Create(), "true"));
    }

    [Fact]
    public async Task A_counter_that_the_disk_has_no_room_for_keeps_no_container_from_going()
    {
        await using var harness = await EngineHarness.StartAsync();
        var session = harness.Open();
        await session.Create("c");
        var address = (await session.Info("c")).ContainerIp;
        await session.Spawn("c", "true");
        harness.Machine.CounterFails = new IOException("No space left on device");
        await session.Destroy("c");
        harness.Machine.CounterFails = null;
        harness.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Empty(await session.List());
        await session.Call<CreateResponse>(new CreateRequest { Handle = FakeSession.B("c"), Network = address });
    }

    [Fact]
    public async Task A_port_whose_forwarding_a_killed_server_had_begun_is_given_to_nobody_else()
    {
        await using var harness = await EngineHarness.StartAsync();
        var session = harness.Open();
        await session.Create("c");
        var handle = FakeSession.B("c");
        harness.Backend("c").OnForward = harness.Engine.Crash;
        await session.Call<NetInResponse>(new NetInRequest { Handle = handle });
        var (port, _) = Assert.Single(harness.Backend("c").Ports);
        harness.Backend("c").OnForward = null;
        await harness.RestartAsync(crash: true);
        session = harness.Open();
        await session.Create("other");
        Assert.NotEqual((uint)port, (await session.Call<NetInResponse>(new NetInRequest { Handle = FakeSession.B("other") })).HostPort);
    }

    [Fact]
    public async Task A_port_that_could_not_be_forwarded_is_free_again()
    {
        await using var harness = await EngineHarness.StartAsync(new WardenConfiguration { Port = new() { StartPort = 60000, Size = 1000 } });
        var session = harness.Open();
        await session.Create("c");
        var handle = FakeSession.B("c");
        harness.Backend("c").OnForward = () => throw new WardenException("no");
        for (var count = 0; count < 1001; count++)
        {
            Assert.Equal("no", await session.Error(new NetInRequest { Handle = handle }));
        }

        harness.Backend("c").OnForward = null;
        await session.Call<NetInResponse>(new NetInRequest { Handle = handle });
        await harness.RestartAsync(crash: true);
        Assert.Equal(["c"], await harness.Open().List());
        Assert.Single(JsonDocument.Parse(harness.Machine.Snapshots.Values.Single()).RootElement.GetProperty("resources").GetProperty("net_in").EnumerateArray());
    }

    [Fact]
    public async Task Container_ids_are_unique_though_the_clock_stands_still()
    {
        await using var harness = await EngineHarness.StartAsync();
        var ids = new HashSet<string>();
        for (var round = 0; round < 5; round++)
        {
            var session = harness.Open();
            for (var count = 0; count < 20; count++)
            {
                var id = await session.Create();
                Assert.True(ids.Add(id));
                Assert.Matches("^[0-9a-v]{11}$", id);
                await session.Destroy(id);
            }

            await harness.RestartAsync(crash: true);
        }
    }

    [Fact]
    public async Task What_cannot_be_recovered_is_destroyed_when_it_is_ours_and_left_alone_when_it_is_not()
    {
        await using var harness = await EngineHarness.StartAsync();
        var session = harness.Open();
        await session.Create("dead");
        await session.Create("damaged");
        await session.Create("well");
        var machine = harness.Machine;
        var dead = harness.Backend("dead");
        var damaged = harness.Backend("damaged").Spec.Id;
        dead.InitIsAlive = false;
        machine.Snapshots[damaged] = "{\"version\":1,\"state\":"u8.ToArray();
        machine.Snapshots["lost+found"] = [];
        machine.Snapshots["0123456789a"] = "no marker"u8.ToArray();
        machine.Markers["0123456789b"] = true;
        await harness.RestartAsync(crash: true);
        Assert.Equal(["well"], await harness.Open().List());
        Assert.Equal(
            new[] { dead.Spec.Id, damaged, "0123456789b" }.Order(StringComparer.Ordinal), machine.DestroyedRemains.Order(StringComparer.Ordinal));
        Assert.Contains("lost+found", machine.Snapshots.Keys);
        Assert.Contains("0123456789a", machine.Snapshots.Keys);
    }

    [Fact]
    public async Task A_snapshot_of_a_newer_version_refuses_the_start_and_touches_nothing()
    {
        await using var harness = await EngineHarness.StartAsync();
        var session = harness.Open();
        await session.Create("a");
        await session.Create("b");
        harness.Backend("a").InitIsAlive = false;
        var id = harness.Backend("b").Spec.Id;
        harness.Machine.Snapshots[id] = "{\"version\":2,\"unheard\":{}}"u8.ToArray();
        var refusal = await Assert.ThrowsAsync<WardenException>(() => harness.RestartAsync(crash: true));
        Assert.Contains("version 2", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(harness.Machine.DestroyedRemains);
    }

    [Fact]
    public async Task After_a_crash_nothing_is_written()
    {
        await using var harness = await EngineHarness.StartAsync();
        var session = harness.Open();
        var id = await session.Create();
        var job = await session.Spawn(id, "wait");
        harness.Engine.Crash();
        harness.Machine.Snapshots.Clear();
        harness.Machine.Job(job).Finish(0, outputLimitExceeded: true);
        await session.Link(id, job);
        harness.Time.Advance(TimeSpan.FromHours(1));
        Assert.Empty(harness.Machine.Snapshots);
        Assert.Single(harness.Machine.Containers);
    }

    [Fact]
    public async Task A_stop_that_was_cut_off_is_carried_on()
    {
        await using var harness = await EngineHarness.StartAsync();
        var session = harness.Open();
        await session.Create("c");
        var job = await session.Spawn("c", "stubborn");
        await session.Stop("c", background: true);
        await harness.RestartAsync(crash: true);
        session = harness.Open();
        Assert.Equal("stopped", (await session.Info("c")).State);
        await harness.Until(() => harness.Machine.Job(job).Ended.IsCompleted, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task The_snapshot_has_the_fields_that_operators_know()
    {
        await using var harness = await EngineHarness.StartAsync();
        var session = harness.Open();
        await session.Create("c", grace: 7);
        await session.Call<NetInResponse>(new NetInRequest { Handle = FakeSession.B("c"), HostPort = 8080, ContainerPort = 80 });
        await session.Call<NetOutResponse>(new NetOutRequest { Handle = FakeSession.B("c"), Network = "4.2.2.2", Port = 53 });
        await session.Spawn("c", "wait");
        var text = Encoding.UTF8.GetString(harness.Machine.Snapshots.Single().Value);
        using var json = JsonDocument.Parse(text);
        var root = json.RootElement;
        Assert.Equal(
            ("active", 7, 1), (root.GetProperty("state").GetString(), root.GetProperty("grace_time").GetInt32(), root.GetProperty("version").GetInt32()));
        Assert.True(root.GetProperty("jobs").TryGetProperty("1", out _), text);
        var resources = root.GetProperty("resources");
        Assert.Equal("[[8080,80]]", resources.GetProperty("net_in").GetRawText());
        Assert.Equal("[[\"4.2.2.2\",\"53\",\"tcp\",null,null,false]]", resources.GetProperty("net_out").GetRawText());
        Assert.Equal("10.254.0.0", resources.GetProperty("network").GetString());
        foreach (var name in new[] { "handle", "container_id", "uid", "ports" })
        {
            Assert.True(resources.TryGetProperty(name, out _), name);
        }
    }

    [Fact]
    public async Task No_damage_to_a_snapshot_prevents_the_start()
    {
        await using var harness = await EngineHarness.StartAsync();
        var session = harness.Open();
        await session.Create("c", grace: 7);
        await session.Call<NetInResponse>(new NetInRequest { Handle = FakeSession.B("c") });
        await session.Call<NetOutResponse>(new NetOutRequest { Handle = FakeSession.B("c"), Network = "4.2.2.2", PortRange = "53:54" });
        await session.Spawn("c", "wait");
        var (id, good) = harness.Machine.Snapshots.Single();
        var container = harness.Machine.Containers[id];
        var seed = Seed.Value;
        var random = new Random(seed);
        for (var round = 0; round < 400; round++)
        {
            var bad = (byte[])good.Clone();
            for (var count = random.Next(1, 4); count > 0; count--)
            {
                bad[random.Next(bad.Length)] = (byte)"0129-null{}[],:\"xe"[random.Next(18)];
            }

            harness.Machine.Containers[id] = container;
            harness.Machine.Markers[id] = true;
            harness.Machine.Snapshots[id] = bad;
            try
            {
                await harness.RestartAsync(crash: true);
            }
            catch (WardenException exception)
            {
                Assert.Contains("has version", exception.Message, StringComparison.Ordinal);
            }
            catch (Exception exception)
            {
                Assert.Fail($"seed {seed}: {Encoding.UTF8.GetString(bad)}: {exception}");
            }
        }
    }

    [Fact]
    public async Task Remains_that_cannot_be_removed_stay_listed_until_they_can()
    {
        await using var harness = await EngineHarness.StartAsync();
        var session = harness.Open();
        await session.Create("dead");
        var before = await session.Info("dead");
        harness.Backend("dead").InitIsAlive = false;
        harness.Machine.DestroyRemainsFails = new WardenException("umount: busy");
        await harness.RestartAsync(crash: true);
        session = harness.Open();
        Assert.Equal(["dead"], await session.List());
        var info = await session.Info("dead");
        Assert.Equal(("stopped", before.ContainerIp), (info.State, info.ContainerIp));
        Assert.Equal(["destroy failed: umount: busy"], info.Events);
        Assert.EndsWith(harness.Backend("dead").Spec.Id, info.ContainerPath, StringComparison.Ordinal);
        Assert.Equal("umount: busy", await session.Error(new DestroyRequest { Handle = FakeSession.B("dead") }));
        await session.Error(new LimitMemoryRequest { Handle = FakeSession.B("dead") });
        await session.Error(new CreateRequest { Network = before.ContainerIp });

        harness.Machine.DestroyRemainsFails = null;
        await Deadline.UntilAsync("it is gone", async () =>
        {
            harness.Time.Advance(TimeSpan.FromMinutes(1));
            return (await session.List()).Length == 0;
        });

        // Its network rests from when it went, which may be after the last minute had passed.
        harness.Time.Advance(TimeSpan.FromMinutes(1));
        await session.Call<CreateResponse>(new CreateRequest { Handle = FakeSession.B("dead"), Network = before.ContainerIp });
    }

    [Fact]
    public async Task A_container_that_the_backend_cannot_recover_keeps_what_it_holds_and_the_server_starts()
    {
        await using var harness = await EngineHarness.StartAsync();
        var session = harness.Open();
        await session.Create("bad");
        await session.Create("well");
        var address = (await session.Info("bad")).ContainerIp;
        harness.Machine.RecoverFails = harness.Backend("bad").Spec.Id;
        await harness.RestartAsync(crash: true);
        session = harness.Open();
        Assert.Equal(["well"], await session.List());
        Assert.StartsWith("Could not acquire network: ", await session.Error(new CreateRequest { Network = address }), StringComparison.Ordinal);
    }
}
