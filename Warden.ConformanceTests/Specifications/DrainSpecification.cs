using System.Diagnostics;
using System.Net.Sockets;
using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Wire;
using Warden.Spec.Clauses;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>Drain (§6).</summary>
public abstract class DrainSpecification(Target target) : Specification(target)
{
    [SkippableFact]
    [Clause("WRD-DRAIN-001")]
    [Clause("WRD-DRAIN-002")]
    [Clause("WRD-DRAIN-009")]
    public async Task IdleConnectionsAreClosedAndNoneIsAccepted()
    {
        await StartServerAsync();
        var idle = await ConnectAsync();
        await idle.CallAsync("Ping");
        await Server.DrainAsync();

        await idle.ExpectEndAsync();
        await Assert.ThrowsAnyAsync<SocketException>(Server.ConnectAsync);
        await Deadline.UntilAsync("the socket is gone", () => Task.FromResult(!File.Exists(Server.SocketPath)));
    }

    [SkippableFact]
    [Clause("WRD-DRAIN-003")]
    [Clause("WRD-DRAIN-005")]
    public async Task WaitersForJobsAreClosedAndTheJobsStay()
    {
        await StartServerAsync();
        var (connection, handle) = await ConnectAndCreateAsync();
        const string Waits = "touch /tmp/ready.$$; while ! test -e /tmp/go; do sleep 0.02; done; echo on";
        var linked = await SpawnAsync(connection, handle, Waits);
        var streamed = await SpawnAsync(connection, handle, Waits);
        var (linker, streamer, runner) = (await ConnectAsync(), await ConnectAsync(), await ConnectAsync());
        await linker.SendAsync("Link", ("handle", handle), ("job_id", linked));
        await streamer.SendAsync("Stream", ("handle", handle), ("job_id", streamed));
        await runner.SendAsync("Run", ("handle", handle), ("script", Waits));
        await Deadline.UntilAsync("three jobs run", async () =>
            (await RunAsync(connection, handle, "ls /tmp/ready.* | wc -l")).Output == "3\n");
        await Server.DrainAsync();
        foreach (var waiter in new[] { linker, streamer, runner })
        {
            await waiter.ExpectEndAsync();
        }

        await Server.StartAsync();
        connection = await ConnectAsync();
        Assert.Equal(3, (await InfoAsync(connection, handle)).Numbers("job_ids").Count);
        await OutputAsync(connection, handle, "touch /tmp/go");
        Assert.Equal("on\n", (await LinkAsync(connection, handle, linked)).Output);
        Assert.Equal("on\n", (await StreamAsync(connection, handle, streamed)).Text("stdout"));
    }

    [SkippableFact]
    [Clause("WRD-DRAIN-004")]
    public async Task ARequestInWorkFinishes()
    {
        await StartServerAsync();
        var mount = new WireMessage("BindMount", ("src_path", Host.Make("shared")), ("dst_path", "/mnt"), ("mode", 1));
        var (connection, handle) = await ConnectAndCreateAsync(("bind_mounts", mount));
        await SpawnAsync(
            connection,
            handle,
            "trap 'touch /mnt/asked; while ! test -e /mnt/go; do sleep 0.02; done; exit 3' TERM; touch /mnt/ready; while :; do sleep 0.05; done");
        await Deadline.UntilAsync("the job runs", () => Task.FromResult(File.Exists(Host["shared/ready"])));
        var stopper = await ConnectAsync();
        var watch = Stopwatch.StartNew();
        await stopper.SendAsync("Stop", ("handle", handle));
        await Deadline.UntilAsync("the job is asked to end", () => Task.FromResult(File.Exists(Host["shared/asked"])));
        var draining = Server.DrainAsync();

        // The idle connection's end says that the drain has begun.
        await connection.ExpectEndAsync();

        // After ten seconds the job is killed, and the stop is answered in any case.
        Assert.True(stopper.Socket.Available == 0 || watch.Elapsed.TotalSeconds >= 10, $"the stop was answered after {watch.Elapsed}");
        Host.Write("shared/go", "");
        await stopper.ReadAsync("Stop");
        await stopper.ExpectEndAsync();
        await draining;
    }

    [SkippableFact]
    [Clause("WRD-DRAIN-010")]
    public async Task ARequestThatTakesSecondsFinishes()
    {
        await StartServerAsync();
        var (connection, handle) = await ConnectAndCreateAsync();
        var job = await SpawnAsync(
            connection, handle, "n=0; trap 'n=$((n+1)); if test $n -ge 4; then exit 4; fi' TERM; touch /tmp/ready; while :; do sleep 0.05; done");
        await FileAppearsAsync(connection, handle, "/tmp/ready");
        var stopper = await ConnectAsync();
        await stopper.SendAsync("Stop", ("handle", handle));
        await Deadline.UntilAsync("the stop is in work", async () => (await InfoAsync(connection, handle)).Text("state") == "stopped");
        await Server.DrainAsync();

        await stopper.ReadAsync("Stop");
        await stopper.ExpectEndAsync();
        await Server.StartAsync();
        Assert.Equal(4UL, (await LinkAsync(await ConnectAsync(), handle, job)).Status);
    }

    [SkippableTheory]
    [Clause("WRD-DRAIN-006")]
    [Clause("WRD-DRAIN-007")]
    [Clause("WRD-DRAIN-008")]
    [Clause("WRD-SERVE-002")]
    [InlineData(HostSystem.SigUsr2)]
    [InlineData(HostSystem.SigTerm)]
    [InlineData(HostSystem.SigInt)]
    public async Task ASignalDrainsAndTheServerExitsWith0(int signal)
    {
        Need(ClauseNeeds.OwnConfiguration | ClauseNeeds.Executable);
        await using var serve = await ServeProcess.StartAsync(Target, "serve", "--socket", "auto");
        await using var connection = await WireConnection.ConnectAsync(serve.SocketPath);
        await connection.CallAsync("Ping");
        if (OperatingSystem.IsWindows())
        {
            throw new SkipException("Windows has no such signals");
        }

        HostSystem.Signal(serve.ProcessId, signal);

        await connection.ExpectEndAsync();
        Assert.Equal(0, await serve.ExitAsync());
        Assert.False(File.Exists(serve.SocketPath));
    }
}
