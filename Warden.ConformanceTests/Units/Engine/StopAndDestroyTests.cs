using Warden.Spec;
using Warden.Spec.Backend;
using Warden.Spec.Protocol;
using Xunit;

namespace Warden.ConformanceTests.Units.Engine;

public sealed class StopAndDestroyTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Stop_sends_TERM_every_second_and_KILL_after_ten()
    {
        await using var harness = await EngineHarness.StartAsync();
        using var session = harness.Open();
        using var other = harness.Open();
        await session.Create("c");
        var job = await session.Spawn("c", "stubborn");
        var stop = session.Stop("c");
        var backend = harness.Backend("c");

        // Whoever asks meanwhile is answered at once.
        await harness.Until(() => !backend.Signals.IsEmpty);
        Assert.Equal("stopped", (await other.Info("c")).State);
        await other.Stop("c");
        Assert.Equal(["c"], await other.List());
        Assert.Equal(
            "Container state must be one of 'active', current state is 'stopped'",
            await other.Error(new SpawnRequest { Handle = FakeSession.B("c"), Script = FakeSession.B("true") }));
        Assert.False(stop.IsCompleted);

        await harness.Until(() => stop.IsCompleted, Second);
        await stop;

        // Time may pass on before the last process's end is seen.
        Assert.Equal(Enumerable.Repeat(StopSignal.Terminate, 10), backend.Signals.Take(10));
        Assert.All(backend.Signals.Skip(10), signal => Assert.Equal(StopSignal.Kill, signal));
        Assert.Equal(255u, (await session.Link("c", job)).ExitStatus);
    }

    [Fact]
    public async Task A_second_stop_that_says_kill_kills()
    {
        await using var harness = await EngineHarness.StartAsync();
        using var session = harness.Open();
        using var other = harness.Open();
        await session.Create("c");
        await session.Spawn("c", "stubborn");
        var stop = session.Stop("c");
        var backend = harness.Backend("c");
        await harness.Until(() => !backend.Signals.IsEmpty);
        await other.Stop("c", kill: true);
        await stop.WaitAsync(Support.Deadline.Default);
        Assert.Equal([StopSignal.Terminate, StopSignal.Kill], backend.Signals);
    }

    [Fact]
    public async Task A_stop_in_the_background_answers_at_once_and_goes_on()
    {
        await using var harness = await EngineHarness.StartAsync();
        using var session = harness.Open();
        await session.Create("c");
        var job = await session.Spawn("c", "stubborn");
        await session.Stop("c", background: true);
        Assert.Equal([job], (await session.Info("c")).JobIds.Select(id => (uint)id));
        await harness.Until(() => harness.Machine.Job(job).Ended.IsCompleted, Second);
    }

    [Fact]
    public async Task Destroy_answers_those_who_wait_with_255_and_the_last_info()
    {
        await using var harness = await EngineHarness.StartAsync();
        using var session = harness.Open();
        using var linker = harness.Open();
        using var streamer = harness.Open();
        await session.Create("c");
        var job = await session.Spawn("c", "forever");
        harness.Machine.Job(job).Write(OutputStream.Stdout, "before\n");
        var link = linker.Link("c", job);
        var stream = streamer.CallMany(new StreamRequest { Handle = FakeSession.B("c"), JobId = job });
        await session.Destroy("c");

        var linked = await link;
        Assert.Equal(255u, linked.ExitStatus);
        Assert.Equal("before\n", linked.Stdout.ToStringUtf8());
        Assert.Equal("stopped", linked.Info.State);
        Assert.Equal(4096u, linked.Info.MemoryStat.TotalRss);
        var last = Assert.IsType<StreamResponse>((await stream)[^1]);
        Assert.Equal(255u, last.ExitStatus);
        Assert.NotNull(last.Info);
        Assert.Equal("unknown handle", await session.Error(new DestroyRequest { Handle = FakeSession.B("c") }));
        Assert.Empty(harness.Machine.Snapshots);
    }

    [Fact]
    public async Task Of_many_destroys_one_succeeds()
    {
        await using var harness = await EngineHarness.StartAsync();
        using var session = harness.Open();
        for (var round = 0; round < 50; round++)
        {
            await session.Create("c");
            var sessions = Enumerable.Range(0, 8).Select(_ => harness.Open()).ToArray();
            var outcomes = await Task.WhenAll(sessions.Select(one => Task.Run(async () =>
            {
                try
                {
                    await one.Destroy("c");
                    return "ok";
                }
                catch (WardenException exception)
                {
                    return exception.Message;
                }
            })));
            Assert.Single(outcomes, "ok");
            Assert.Equal(7, outcomes.Count(outcome => outcome == "unknown handle"));
        }
    }

    [Fact]
    public async Task A_destroy_that_fails_leaves_the_container_listed()
    {
        await using var harness = await EngineHarness.StartAsync();
        using var session = harness.Open();
        await session.Create("c");
        var backend = harness.Backend("c");
        backend.DestroyFails = new WardenException("umount: busy");
        Assert.Equal("umount: busy", await session.Error(new DestroyRequest { Handle = FakeSession.B("c") }));
        Assert.Equal(["c"], await session.List());
        Assert.Equal("stopped", (await session.Info("c")).State);
        backend.DestroyFails = new InvalidOperationException("a secret of the host");
        Assert.DoesNotContain("secret", await session.Error(new DestroyRequest { Handle = FakeSession.B("c") }), StringComparison.Ordinal);
        backend.DestroyFails = null;
        await session.Destroy("c");
        Assert.Empty(await session.List());
    }

    [Fact]
    public async Task A_destroy_that_failed_says_why_and_is_tried_again()
    {
        await using var harness = await EngineHarness.StartAsync();
        using var session = harness.Open();
        await session.Create("c");
        var backend = harness.Backend("c");
        backend.DestroyFails = new HostException("umount /depot: busy");
        Assert.Equal("destroy failed on the host: umount /depot: busy", await session.Error(new DestroyRequest { Handle = FakeSession.B("c") }));
        Assert.Equal(["destroy failed: umount /depot: busy"], (await session.Info("c")).Events);
        backend.DestroyFails = new InvalidOperationException("a secret of the host");
        await session.Error(new DestroyRequest { Handle = FakeSession.B("c") });
        Assert.Equal(["destroy failed: the server's log says why"], (await session.Info("c")).Events);
        backend.DestroyFails = null;
        await Support.Deadline.UntilAsync("it is gone", async () =>
        {
            harness.Time.Advance(TimeSpan.FromMinutes(1));
            return (await session.List()).Length == 0;
        });
        await session.Create("c");
    }

    private sealed class HostException(string message) : Exception(message), IHostFailure;

    [Fact]
    public async Task Out_of_memory_is_an_event_and_stops_the_container()
    {
        await using var harness = await EngineHarness.StartAsync();
        using var session = harness.Open();
        await session.Create("c");
        var job = await session.Spawn("c", "forever");
        var backend = harness.Backend("c");
        backend.RunOutOfMemory();
        var info = new InfoResponse();
        await harness.Until(() => harness.Machine.Job(job).Ended.IsCompleted, TimeSpan.FromMilliseconds(100));
        info = await session.Info("c");
        Assert.Equal("stopped", info.State);
        Assert.Equal(["out of memory"], info.Events);
    }

    [Fact]
    public async Task An_init_that_dies_stops_the_container()
    {
        await using var harness = await EngineHarness.StartAsync();
        using var session = harness.Open();
        await session.Create("c");
        var job = await session.Spawn("c", "stubborn");
        harness.Backend("c").EndInit();
        Assert.Equal(255u, (await session.Link("c", job)).ExitStatus);
        Assert.Equal("stopped", (await session.Info("c")).State);
        await session.Destroy("c");
    }
}
