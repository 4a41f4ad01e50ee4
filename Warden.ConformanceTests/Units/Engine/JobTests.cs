using System.Diagnostics;
using Google.Protobuf;
using Warden.Spec;
using Warden.Spec.Backend;
using Warden.Spec.Protocol;
using Warden.Spec.Server.Configuration;
using Xunit;

namespace Warden.ConformanceTests.Units.Engine;

public sealed class JobTests
{
    [Fact]
    public async Task All_who_wait_get_the_result_and_the_job_is_gone()
    {
        await using var harness = await EngineHarness.StartAsync();
        using var session = harness.Open();
        await session.Create("c");
        for (var round = 0; round < 30; round++)
        {
            var job = await session.Spawn("c", "wait");
            var waiters = Enumerable.Range(0, 6).Select(_ => harness.Open().Link("c", job)).ToArray();
            var fake = harness.Machine.Job(job);
            fake.Write(OutputStream.Stdout, "a");
            fake.Write(OutputStream.Stderr, "e");
            fake.Write(OutputStream.Stdout, "b");
            fake.Finish(6);
            foreach (var result in await Task.WhenAll(waiters))
            {
                Assert.Equal((6u, "ab", "e"), (result.ExitStatus, result.Stdout.ToStringUtf8(), result.Stderr.ToStringUtf8()));
            }

            Assert.Equal("no such job", await session.Error(new LinkRequest { Handle = FakeSession.B("c"), JobId = job }));
            Assert.Equal("no such job", await session.Error(new StreamRequest { Handle = FakeSession.B("c"), JobId = job }));
            await harness.Until(() => harness.Backend("c").Jobs.IsEmpty);
        }
    }

    [Fact]
    public async Task A_client_that_vanished_consumes_nothing()
    {
        await using var harness = await EngineHarness.StartAsync();
        using var session = harness.Open();
        await session.Create("c");
        var job = await session.Spawn("c", "print x");
        await session.Abandon(new LinkRequest { Handle = FakeSession.B("c"), JobId = job });
        await session.Abandon(new StreamRequest { Handle = FakeSession.B("c"), JobId = job });
        Assert.Equal("x", (await session.Link("c", job)).Stdout.ToStringUtf8());

        using var cancel = new CancellationTokenSource();
        var run = session.Call<RunResponse>(new RunRequest { Handle = FakeSession.B("c"), Script = FakeSession.B("wait") }, cancel.Token);
        await harness.Until(() => harness.Backend("c").Jobs.Count == 1);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        var left = Assert.Single((await session.Info("c")).JobIds);
        harness.Machine.Job((uint)left).Finish(3);
        Assert.Equal(3u, (await session.Link("c", (uint)left)).ExitStatus);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_comes_while_the_result_is_written_learns_whether_it_was(bool isWritten)
    {
        await using var harness = await EngineHarness.StartAsync();
        using var session = harness.Open();
        using var slow = harness.Open();
        await session.Create("c");
        await Support.Deadline.UntilAsync("the second learns it", async () =>
        {
            var job = await session.Spawn("c", "print x");
            var sending = new TaskCompletionSource();
            var first = slow.CallSlowly(new LinkRequest { Handle = FakeSession.B("c"), JobId = job }, sending.Task);
            var watch = Stopwatch.StartNew();
            var second = session.Link("c", job);
            var isEarly = second.IsCompleted;
            Exception? failure = null;
            if (isWritten)
            {
                sending.SetResult();
                await first;
            }
            else
            {
                sending.SetException(new IOException("The client is gone."));
                failure = await Record.ExceptionAsync(() => first);
            }

            var isJudged = watch.Elapsed < TimeSpan.FromSeconds(1);
            var learnt = await Record.ExceptionAsync(() => second);
            if (!isJudged)
            {
                // Nobody is held up for longer than two seconds by the system's clock: the machine stood still meanwhile.
                return false;
            }

            Assert.False(isEarly);
            if (isWritten)
            {
                Assert.Equal("no such job", Assert.IsType<WardenException>(learnt).Message);
            }
            else
            {
                Assert.IsType<IOException>(failure);
                Assert.Null(learnt);
                Assert.Equal("x", (await second).Stdout.ToStringUtf8());
            }

            return true;
        });
    }

    [Fact]
    public async Task A_stream_replays_follows_and_ends_with_the_status()
    {
        await using var harness = await EngineHarness.StartAsync();
        using var session = harness.Open();
        await session.Create("c");
        var job = await session.Spawn("c", "wait");
        var fake = harness.Machine.Job(job);
        fake.Write(OutputStream.Stdout, new byte[100000]);
        var streaming = session.CallMany(new StreamRequest { Handle = FakeSession.B("c"), JobId = job });
        fake.Write(OutputStream.Stderr, "e");
        fake.Finish(5);
        var frames = (await streaming).Cast<StreamResponse>().ToList();
        Assert.All(frames[..^1], frame => Assert.True(frame is { HasName: true, HasData: true, HasExitStatus: false, Data.Length: > 0 and <= 65536 }));
        Assert.Equal(100000, frames.Where(frame => frame.Name == "stdout").Sum(frame => frame.Data.Length));
        Assert.Equal("e", frames.Single(frame => frame.Name == "stderr").Data.ToStringUtf8());
        Assert.True(frames[^1] is { HasName: false, HasData: false, ExitStatus: 5, Info: not null });
    }

    [Fact]
    public async Task Run_is_spawn_and_link_in_one()
    {
        await using var harness = await EngineHarness.StartAsync();
        using var session = harness.Open();
        await session.Create("c");
        var result = await session.Call<RunResponse>(new RunRequest { Handle = FakeSession.B("c"), Script = FakeSession.B("print hi") });
        Assert.True(result is { HasExitStatus: true, HasStdout: true, HasStderr: true, Info: not null });
        Assert.Equal("hi", result.Stdout.ToStringUtf8());
        Assert.Empty(harness.Backend("c").Jobs);
        Assert.Equal(2u, await session.Spawn("c", "true"));
    }

    [Fact]
    public async Task Limits_are_laid_over_each_other()
    {
        await using var harness = await EngineHarness.StartAsync(new WardenConfiguration
        {
            Server = new ServerSection
            {
                JobOutputLimit = 7,
                ResourceLimits = new Dictionary<ResourceLimit, ulong> { [ResourceLimit.Nofile] = 8192, [ResourceLimit.Nproc] = 512 },
            },
        });
        using var session = harness.Open();
        await session.Create("c");
        var request = new SpawnRequest
        {
            Handle = FakeSession.B("c"),
            Script = FakeSession.B("wait"),
            Rlimits = new ResourceLimits { Nofile = 1234 },
            LogTag = FakeSession.B("tag"),
        };
        var spec = harness.Machine.Job((await session.Call<SpawnResponse>(request)).JobId).Spec;
        Assert.Equal(
            (1234ul, 512ul, 0ul, ResourceLimitSet.Unlimited),
            (spec.Limits[ResourceLimit.Nofile], spec.Limits[ResourceLimit.Nproc], spec.Limits[ResourceLimit.Core], spec.Limits[ResourceLimit.As]));
        Assert.Equal((7L, "tag", false), (spec.OutputLimit, spec.LogTag, spec.DiscardOutput));
        request.DiscardOutput = true;
        spec = harness.Machine.Job((await session.Call<SpawnResponse>(request)).JobId).Spec;
        Assert.Equal((null, true), (spec.OutputLimit, spec.DiscardOutput));
        request.LogTag = ByteString.CopyFrom(0xff);
        Assert.Equal("log_tag is not valid UTF-8", await session.Error(request));
    }

    [Fact]
    public async Task Too_much_output_is_an_event()
    {
        await using var harness = await EngineHarness.StartAsync();
        using var session = harness.Open();
        await session.Create("c");
        var job = await session.Spawn("c", "wait");
        harness.Machine.Job(job).Finish(0, outputLimitExceeded: true);
        var result = await session.Link("c", job);
        Assert.Equal(255u, result.ExitStatus);
        Assert.Equal(["command exceeded maximum output"], result.Info.Events);
    }

    [Fact]
    public async Task A_job_that_cannot_start_leaves_nothing()
    {
        await using var harness = await EngineHarness.StartAsync();
        using var session = harness.Open();
        await session.Create("c");
        harness.Backend("c").StartFails = new WardenException("nofile: the kernel refuses 99999999");
        var request = new SpawnRequest { Handle = FakeSession.B("c"), Script = FakeSession.B("true") };
        Assert.Equal("nofile: the kernel refuses 99999999", await session.Error(request));
        Assert.Empty((await session.Info("c")).JobIds);
        Assert.Equal("no such job", await session.Error(new LinkRequest { Handle = FakeSession.B("c"), JobId = 1 }));
        await session.Stop("c");
    }
}
