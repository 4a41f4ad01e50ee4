using System.Diagnostics;
using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Wire;
using Warden.Spec.Clauses;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>Destroy (§3).</summary>
public abstract class DestroySpecification(Target target) : Specification(target)
{
    [SkippableFact]
    [Clause("WRD-DESTROY-001")]
    [Clause("WRD-DESTROY-003")]
    public async Task DestroyAsksJobsToEndAndLinksAreAnswered()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var job = await SpawnAsync(
            connection, handle, "trap 'trap \"\" TERM; echo asked; exit 7' TERM; echo before; touch /tmp/ready; while :; do sleep 0.05; done");
        await FileAppearsAsync(connection, handle, "/tmp/ready");
        var waiter = await ConnectAsync();
        await BeginAsync(waiter, "Link", ("handle", handle), ("job_id", job));
        await connection.CallAsync("Destroy", ("handle", handle));

        var result = new JobResult(await waiter.ReadAsync("Link"));
        Assert.Equal((7UL, "before\nasked\n"), (result.Status, result.Output));
        Assert.Equal("stopped", result.Info.Text("state"));
    }

    [SkippableFact]
    [Clause("WRD-DESTROY-002")]
    [Clause("WRD-DESTROY-003")]
    [Clause("WRD-DESTROY-004")]
    [Clause("WRD-DESTROY-007")]
    public async Task WhatDoesNotEndIsKilledAndEveryWaiterIsAnswered()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        const string Deaf = "trap '' TERM; echo before; touch /tmp/ready.$$; while :; do sleep 0.1; done";
        var linked = await SpawnAsync(connection, handle, Deaf);
        var streamed = await SpawnAsync(connection, handle, Deaf);
        var (linker, streamer, runner) = (await ConnectAsync(), await ConnectAsync(), await ConnectAsync());
        await linker.SendAsync("Link", ("handle", handle), ("job_id", linked));
        await streamer.SendAsync("Stream", ("handle", handle), ("job_id", streamed));
        await runner.SendAsync("Run", ("handle", handle), ("script", Deaf));
        await Deadline.UntilAsync("three jobs run", async () =>
            (await RunAsync(connection, handle, "ls /tmp/ready.* | wc -l")).Output == "3\n");
        var watch = Stopwatch.StartNew();
        await connection.CallAsync("Destroy", ("handle", handle));

        // How long a killed container may take to go is the call's own deadline.
        Assert.True(watch.Elapsed.TotalSeconds >= 5, $"{watch.Elapsed}");
        foreach (var result in new[] { new JobResult(await linker.ReadAsync("Link")), new JobResult(await runner.ReadAsync("Run")) })
        {
            Assert.Equal((255UL, "before\n"), (result.Status, result.Output));
            Assert.True(result.Info.Has("state"));
        }

        var stream = await StreamResult.ReadAsync(streamer);
        Assert.Equal((255UL, "before\n"), (stream.Status, stream.Text("stdout")));
        Assert.True(stream.Last.Has("info"));
    }

    [SkippableFact]
    [Clause("WRD-DESTROY-005")]
    public async Task TheSecondDestroyKnowsNoSuchHandle()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        await connection.CallAsync("Destroy", ("handle", handle));

        Assert.Equal("unknown handle", await connection.FailAsync("Destroy", ("handle", handle)));
        Assert.Equal("unknown handle", await connection.FailAsync("Info", ("handle", handle)));
        Assert.Equal("unknown handle", await connection.FailAsync("Run", ("handle", handle), ("script", "true")));
    }

    [SkippableFact]
    [Clause("WRD-DESTROY-006")]
    public async Task TheContainersDirectoryIsGone()
    {
        Need(ClauseNeeds.LinuxKernel);
        var (connection, handle) = await ConnectAndCreateAsync();
        var path = Server.PathOf((await InfoAsync(connection, handle)).Text("container_path"));
        Assert.True(Directory.Exists(path));
        await connection.CallAsync("Destroy", ("handle", handle));

        Assert.False(Directory.Exists(path));
    }

    [SkippableFact]
    [Clause("WRD-DESTROY-008")]
    public async Task SeveralThatDestroyOneContainerAreAllAnswered()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        await SpawnAsync(connection, handle, "sleep 1000");
        var connections = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => ConnectAsync()));
        await Task.WhenAll(connections.Select(other => other.SendAsync("Destroy", ("handle", handle))));
        var answers = new List<WireReply>();
        foreach (var other in connections)
        {
            answers.Add(await other.ReadAsync());
        }

        Assert.Contains(answers, answer => !answer.IsError);
        Assert.All(answers.Where(answer => answer.IsError), answer => Assert.Equal("unknown handle", answer.Error));
        Assert.DoesNotContain(handle, (await connection.CallAsync("List")).Texts("handles"));
    }

    [SkippableTheory]
    [Clause("WRD-DESTROY-009")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ADestroyedContainerDoesNotComeBack(bool crash)
    {
        await StartServerAsync();
        var (connection, kept) = await ConnectAndCreateAsync();
        var destroyed = await CreateAsync(connection);
        await connection.CallAsync("Destroy", ("handle", destroyed));
        await Server.RestartAsync(crash);

        Assert.Equal([kept], (await (await ConnectAsync()).CallAsync("List")).Texts("handles"));
    }
}
