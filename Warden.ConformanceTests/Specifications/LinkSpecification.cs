using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Wire;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>Link (§4).</summary>
public abstract class LinkSpecification(Target target) : Specification(target)
{
    private const string WaitsToGo = "echo before; while ! test -e /tmp/go; do sleep 0.02; done; echo after; echo e >&2; exit 6";

    [SkippableFact]
    [Clause("WRD-LINK-001")]
    [Clause("WRD-LINK-008")]
    public async Task LinkBlocksUntilTheJobEnds()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var job = await SpawnAsync(connection, handle, WaitsToGo);
        var linker = await ConnectAsync();
        await linker.SendAsync("Link", ("handle", handle), ("job_id", job));
        Assert.Contains(job, (await InfoAsync(connection, handle)).Numbers("job_ids"));
        Assert.Equal(0, linker.Socket.Available);
        await OutputAsync(connection, handle, "touch /tmp/go");

        var result = new JobResult(await linker.ReadAsync("Link"));
        Assert.Equal((6UL, "before\nafter\n", "e\n"), (result.Status, result.Output, result.Error));
        Assert.Equal("active", result.Info.Text("state"));
        Assert.DoesNotContain(job, result.Info.Numbers("job_ids"));
    }

    [SkippableFact]
    [Clause("WRD-LINK-002")]
    [Clause("WRD-LINK-003")]
    public async Task AnEndedJobIsAnsweredAndThenGone()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var job = await SpawnAsync(connection, handle, "echo hi; exit 4");
        await JobEndedAsync(connection, handle, job);

        var result = await LinkAsync(connection, handle, job);
        Assert.Equal((4UL, "hi\n", ""), (result.Status, result.Output, result.Error));
        Assert.Equal("no such job", await connection.FailAsync("Link", ("handle", handle), ("job_id", job)));
        Assert.Equal("no such job", await connection.FailAsync("Stream", ("handle", handle), ("job_id", job)));
    }

    [SkippableFact]
    [Clause("WRD-LINK-004")]
    [Clause("WRD-LINK-006")]
    public async Task AllThatWaitByItsEndGetTheResult()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var job = await SpawnAsync(connection, handle, WaitsToGo);
        var linkers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ConnectAsync()));
        var streamers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ConnectAsync()));
        foreach (var linker in linkers)
        {
            await BeginAsync(linker, "Link", ("handle", handle), ("job_id", job));
        }

        foreach (var streamer in streamers)
        {
            await streamer.SendAsync("Stream", ("handle", handle), ("job_id", job));

            // The first frame says that the stream has begun.
            Assert.Equal("before\n", (await streamer.ReadAsync("Stream")).Text("data"));
        }

        await SettleAsync(connection, handle);
        await OutputAsync(connection, handle, "touch /tmp/go");
        foreach (var linker in linkers)
        {
            var result = new JobResult(await linker.ReadAsync("Link"));
            Assert.Equal((6UL, "before\nafter\n", "e\n"), (result.Status, result.Output, result.Error));
        }

        foreach (var streamer in streamers)
        {
            var stream = await StreamResult.ReadAsync(streamer);
            Assert.Equal((6UL, "after\n", "e\n"), (stream.Status, stream.Text("stdout"), stream.Text("stderr")));
        }

        Assert.Equal("no such job", await connection.FailAsync("Link", ("handle", handle), ("job_id", job)));
    }

    [SkippableFact]
    [Clause("WRD-LINK-005")]
    public async Task AClientThatVanishedConsumesNothing()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var job = await SpawnAsync(connection, handle, WaitsToGo);
        var leaving = await ConnectAsync();
        await BeginAsync(leaving, "Link", ("handle", handle), ("job_id", job));
        await SettleAsync(connection, handle);
        await leaving.DisposeAsync();
        await OutputAsync(connection, handle, "touch /tmp/go");
        await JobEndedAsync(connection, handle, job);

        Assert.Equal((6UL, "before\nafter\n"), ResultOf(await LinkAsync(connection, handle, job)));
    }

    [SkippableFact]
    [Clause("WRD-LINK-007")]
    public async Task AJobOfAnotherContainerIsNoSuchJob()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var other = await CreateAsync(connection);
        var job = await SpawnAsync(connection, handle, "echo mine");

        Assert.Equal("no such job", await connection.FailAsync("Link", ("handle", other), ("job_id", job)));
        Assert.Equal("no such job", await connection.FailAsync("Stream", ("handle", other), ("job_id", job)));
        Assert.Equal((0UL, "mine\n"), ResultOf(await LinkAsync(connection, handle, job)));
    }

    private static (ulong, string) ResultOf(JobResult result) => (result.Status, result.Output);

    /// <summary>What was sent before on other connections is in work once a whole job has run after it.</summary>
    private static async Task SettleAsync(WireConnection connection, string handle) =>
        await Deadline.WithinAsync("a job", OutputAsync(connection, handle, "sleep 0.2; echo settled"));
}
