using System.Diagnostics;
using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Wire;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>Stop (§3). Jobs tell how far they are by files in a directory of the host, which can be asked when the container is stopped.</summary>
public abstract class StopSpecification(Target target) : Specification(target)
{
    private const string Forever = "touch /mnt/ready; while :; do sleep 0.05; done";
    private const string Deaf = "trap '' TERM; " + Forever;

    /// <summary>A job that is asked to end and ends when the host says so.</summary>
    private const string Slow =
        "trap 'touch /mnt/asked; while ! test -e /mnt/go; do sleep 0.05; done; exit 3' TERM; " + Forever;

    [SkippableFact]
    [Clause("WRD-STOP-001")]
    public async Task StopSendsTermAndWaitsForTheEnd()
    {
        var (connection, handle, job) = await StartJobAsync("trap 'trap \"\" TERM; echo asked; exit 9' TERM; " + Forever);
        await connection.CallAsync("Stop", ("handle", handle));

        Assert.Empty((await InfoAsync(connection, handle)).Numbers("job_ids"));
        var result = await LinkAsync(connection, handle, job);
        Assert.Equal((9UL, "asked\n"), (result.Status, result.Output));
    }

    [SkippableFact]
    [Clause("WRD-STOP-001")]
    public async Task AJobThatDoesNotCatchTermEndsByIt()
    {
        var (connection, handle, job) = await StartJobAsync(Forever);
        await connection.CallAsync("Stop", ("handle", handle));

        Assert.Equal(255UL, (await LinkAsync(connection, handle, job)).Status);
    }

    [SkippableFact]
    [Clause("WRD-STOP-002")]
    [Clause("WRD-STOP-007")]
    [Clause("WRD-STOP-009")]
    public async Task WhileStopWaitsTheStateIsStoppedAndOthersAreAnswered()
    {
        var (connection, handle, _) = await StartJobAsync(Slow);
        var stopper = await ConnectAsync();
        var watch = Stopwatch.StartNew();
        await stopper.SendAsync("Stop", ("handle", handle));
        await AppearsAsync("asked");

        Assert.Equal("stopped", (await InfoAsync(connection, handle)).Text("state"));
        Assert.Contains(handle, (await connection.CallAsync("List")).Texts("handles"));
        await connection.CallAsync("Stop", ("handle", handle));

        // After ten seconds the job is killed, and the first is answered in any case.
        Assert.True(stopper.Socket.Available == 0 || watch.Elapsed.TotalSeconds >= 10, $"the first Stop was answered after {watch.Elapsed}");

        Host.Write("shared/go", "");
        await stopper.ReadAsync("Stop");
    }

    [SkippableFact]
    [Clause("WRD-STOP-003")]
    public async Task TermIsSentAgainEverySecond()
    {
        var (connection, handle, job) = await StartJobAsync(
            "n=0; trap 'n=$((n+1)); if test $n -ge 3; then exit 43; fi' TERM; " + Forever);
        var watch = Stopwatch.StartNew();
        await connection.CallAsync("Stop", ("handle", handle));

        // The status tells that the third came before the KILL after ten seconds.
        Assert.True(watch.Elapsed.TotalSeconds >= 1.5, $"{watch.Elapsed}");
        Assert.Equal(43UL, (await LinkAsync(connection, handle, job)).Status);
    }

    [SkippableFact]
    [Clause("WRD-STOP-004")]
    public async Task AfterTenSecondsWhatIsLeftIsKilled()
    {
        var (connection, handle, job) = await StartJobAsync(Deaf);
        var watch = Stopwatch.StartNew();
        await connection.CallAsync("Stop", ("handle", handle));

        Assert.True(watch.Elapsed.TotalSeconds >= 9, $"{watch.Elapsed}");
        Assert.Equal(255UL, (await LinkAsync(connection, handle, job)).Status);
    }

    [SkippableFact]
    [Clause("WRD-STOP-005")]
    public async Task KillKillsAtOnce()
    {
        var (connection, handle, job) = await StartJobAsync("trap 'touch /mnt/asked; exit 9' TERM; " + Forever);
        var watch = Stopwatch.StartNew();
        await connection.CallAsync("Stop", ("handle", handle), ("kill", true));

        // Not only after the ten seconds that others are given.
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 9.5);
        Assert.Equal(255UL, (await LinkAsync(connection, handle, job)).Status);
        Assert.False(File.Exists(Host["shared/asked"]));
    }

    [SkippableFact]
    [Clause("WRD-STOP-006")]
    public async Task InTheBackgroundStopAnswersAtOnceAndGoesOn()
    {
        var (connection, handle, job) = await StartJobAsync(Slow);
        await connection.CallAsync("Stop", ("handle", handle), ("background", true));
        Assert.Contains(job, (await InfoAsync(connection, handle)).Numbers("job_ids"));
        await AppearsAsync("asked");

        Host.Write("shared/go", "");
        Assert.Equal(3UL, (await LinkAsync(connection, handle, job)).Status);
    }

    [SkippableFact]
    [Clause("WRD-STOP-008")]
    public async Task ASecondStopWithKillKills()
    {
        var (connection, handle, job) = await StartJobAsync(Slow);
        var stopper = await ConnectAsync();
        var watch = Stopwatch.StartNew();
        await stopper.SendAsync("Stop", ("handle", handle));
        await AppearsAsync("asked");
        await connection.CallAsync("Stop", ("handle", handle), ("kill", true));
        await stopper.ReadAsync("Stop");

        // Before the first one's ten seconds are over.
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 9.5);
        Assert.Equal(255UL, (await LinkAsync(connection, handle, job)).Status);
    }

    [SkippableFact]
    [Clause("WRD-STOP-010")]
    public async Task WhileStopWaitsDestroyIsNotBlocked()
    {
        var (connection, handle, _) = await StartJobAsync(Slow);
        var stopper = await ConnectAsync();
        await stopper.SendAsync("Stop", ("handle", handle));
        await AppearsAsync("asked");
        await connection.SendAsync("Destroy", ("handle", handle));
        Host.Write("shared/go", "");

        await connection.ReadAsync("Destroy");
        await stopper.ReadAsync();
        Assert.DoesNotContain(handle, (await connection.CallAsync("List")).Texts("handles"));
    }

    [SkippableFact]
    [Clause("WRD-STOP-011")]
    public async Task FilesOfAStoppedContainerCanBeCopiedOut()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        await OutputAsync(connection, handle, "echo kept > /tmp/kept");
        await connection.CallAsync("Stop", ("handle", handle));
        await connection.CallAsync("CopyOut", ("handle", handle), ("src_path", "/tmp/kept"), ("dst_path", Host.Make("out")));

        Assert.Equal("kept\n", await File.ReadAllTextAsync(Host["out/kept"]));
    }

    [SkippableFact]
    [Clause("WRD-STOP-012")]
    public async Task WhatAJobLeftBehindEndsToo()
    {
        var (connection, handle) = await CreateSharingAsync();
        await OutputAsync(
            connection,
            handle,
            "bash -c 'trap \"touch /mnt/asked; exit\" TERM; touch /mnt/ready; while :; do sleep 0.05; done' > /dev/null 2>&1 < /dev/null &");
        await AppearsAsync("ready");
        await connection.CallAsync("Stop", ("handle", handle));

        Assert.True(File.Exists(Host["shared/asked"]));
    }

    private async Task<(WireConnection Connection, string Handle)> CreateSharingAsync() => await ConnectAndCreateAsync(
        ("bind_mounts", new WireMessage("BindMount", ("src_path", Host.Make("shared")), ("dst_path", "/mnt"), ("mode", 1))));

    private async Task<(WireConnection Connection, string Handle, ulong Job)> StartJobAsync(string script)
    {
        var (connection, handle) = await CreateSharingAsync();
        var job = await SpawnAsync(connection, handle, script);
        await AppearsAsync("ready");
        return (connection, handle, job);
    }

    private Task AppearsAsync(string name) =>
        Deadline.UntilAsync($"the job makes {name}", () => Task.FromResult(File.Exists(Host[$"shared/{name}"])));
}
