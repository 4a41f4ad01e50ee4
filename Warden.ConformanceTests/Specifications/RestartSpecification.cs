using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Wire;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>Jobs over the end and the next start of their server (§4, Restart).</summary>
public abstract class RestartSpecification(Target target) : Specification(target)
{
    private const string WaitsToGo = "echo before; while ! test -e /tmp/go; do sleep 0.02; done; echo after; echo e >&2; exit 6";

    [SkippableTheory]
    [Clause("WRD-RESTART-001")]
    [Clause("WRD-RESTART-006")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ARunningJobCanBeLinked(bool crash)
    {
        var (handle, job) = await SpawnReadyAsync(WaitsToGo);
        await Server.RestartAsync(crash);
        var connection = await ConnectAsync();
        Assert.Equal([job], (await InfoAsync(connection, handle)).Numbers("job_ids"));
        await OutputAsync(connection, handle, "touch /tmp/go");

        var result = await LinkAsync(connection, handle, job);
        Assert.Equal((6UL, "before\nafter\n", "e\n"), (result.Status, result.Output, result.Error));
    }

    [SkippableTheory]
    [Clause("WRD-RESTART-002")]
    [Clause("WRD-RESTART-006")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ARunningJobCanBeStreamed(bool crash)
    {
        var (handle, job) = await SpawnReadyAsync(WaitsToGo);
        await Server.RestartAsync(crash);
        var streamer = await ConnectAsync();
        await streamer.SendAsync("Stream", ("handle", handle), ("job_id", job));
        Assert.Equal("before\n", (await streamer.ReadAsync("Stream")).Text("data"));
        await OutputAsync(await ConnectAsync(), handle, "touch /tmp/go");

        var rest = await StreamResult.ReadAsync(streamer);
        Assert.Equal((6UL, "after\n", "e\n"), (rest.Status, rest.Text("stdout"), rest.Text("stderr")));
    }

    [SkippableTheory]
    [Clause("WRD-RESTART-003")]
    [Clause("WRD-RESTART-005")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnEndedJobKeepsItsResultAndALinkedOneStaysGone(bool crash)
    {
        await StartServerAsync();
        var (connection, handle) = await ConnectAndCreateAsync();
        var ended = await SpawnAsync(connection, handle, "echo out; echo err >&2; exit 42");
        var linked = await SpawnAsync(connection, handle, "echo linked");
        await LinkAsync(connection, handle, linked);
        var streamed = await SpawnAsync(connection, handle, "echo streamed");
        await StreamAsync(connection, handle, streamed);
        await JobEndedAsync(connection, handle, ended);
        await Server.RestartAsync(crash);

        connection = await ConnectAsync();
        Assert.Empty((await InfoAsync(connection, handle)).Numbers("job_ids"));
        Assert.Equal("no such job", await connection.FailAsync("Link", ("handle", handle), ("job_id", linked)));
        Assert.Equal("no such job", await connection.FailAsync("Link", ("handle", handle), ("job_id", streamed)));
        var result = await LinkAsync(connection, handle, ended);
        Assert.Equal((42UL, "out\n", "err\n"), (result.Status, result.Output, result.Error));
        Assert.Equal("no such job", await connection.FailAsync("Link", ("handle", handle), ("job_id", ended)));
    }

    [SkippableTheory]
    [Clause("WRD-RESTART-004")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AJobThatEndsWhileThereIsNoServerKeepsItsResult(bool crash)
    {
        // The job waits for a file that the host makes while no server runs.
        await StartServerAsync();
        var mount = new WireMessage("BindMount", ("src_path", Host.Make("shared")), ("dst_path", "/mnt"), ("mode", 1));
        var (connection, handle) = await ConnectAndCreateAsync(("bind_mounts", mount));
        var job = await SpawnAsync(
            connection, handle, "echo before; touch /tmp/ready; while ! test -e /mnt/go; do sleep 0.02; done; echo after; touch /mnt/done; exit 3");
        await FileAppearsAsync(connection, handle, "/tmp/ready");
        await (crash ? Server.CrashAsync() : Server.DrainAsync());
        Host.Write("shared/go", "");
        await Support.Deadline.UntilAsync("the job ends without a server", () => Task.FromResult(File.Exists(Host["shared/done"])));
        await Server.StartAsync();

        var result = await LinkAsync(await ConnectAsync(), handle, job);
        Assert.Equal((3UL, "before\nafter\n"), (result.Status, result.Output));
    }

    [SkippableTheory]
    [Clause("WRD-RESTART-007")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task MoreThan64KiBArrivesWhole(bool crash)
    {
        var (handle, job) = await SpawnReadyAsync("head -c 300000 /dev/zero | tr '\\0' x; while ! test -e /tmp/go; do sleep 0.02; done");
        await Server.RestartAsync(crash);
        var connection = await ConnectAsync();
        await OutputAsync(connection, handle, "touch /tmp/go");

        Assert.Equal(new string('x', 300000), (await LinkAsync(connection, handle, job)).Output);
    }

    [SkippableFact]
    [Clause("WRD-RESTART-006")]
    public async Task ATwiceRestartedServerStillHasAll()
    {
        var (handle, job) = await SpawnReadyAsync(WaitsToGo);
        await Server.RestartAsync(crash: true);
        await Server.RestartAsync(crash: false);
        var connection = await ConnectAsync();
        await OutputAsync(connection, handle, "touch /tmp/go");

        Assert.Equal("before\nafter\n", (await LinkAsync(connection, handle, job)).Output);
    }

    private async Task<(string Handle, ulong Job)> SpawnReadyAsync(string script)
    {
        await StartServerAsync();
        var (connection, handle) = await ConnectAndCreateAsync();
        var job = await SpawnAsync(connection, handle, script.Replace("; while", "; touch /tmp/ready; while", StringComparison.Ordinal));
        await FileAppearsAsync(connection, handle, "/tmp/ready");
        return (handle, job);
    }
}
