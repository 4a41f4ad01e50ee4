using Warden.ConformanceTests.Targets;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>The limit of a job's output, and output that is discarded (§4).</summary>
public abstract class OutputLimitSpecification(Target target) : Specification(target)
{
    private const string Event = "command exceeded maximum output";
    private const string Limited = "server: { job_output_limit: 10000 }";

    [SkippableFact]
    [Clause("WRD-OUTPUT-001")]
    [Clause("WRD-OUTPUT-002")]
    [Clause("WRD-OUTPUT-003")]
    public async Task AJobOverTheLimitIsKilled()
    {
        await StartServerAsync(Limited);
        var (connection, handle) = await ConnectAndCreateAsync();
        var result = await RunAsync(connection, handle, "head -c 4000 /dev/zero >&2; head -c 20000 /dev/zero; sleep 1000");

        Assert.Equal(255UL, result.Status);
        Assert.Equal(10000, result.Output.Length + result.Error.Length);
        Assert.Equal([Event], (await InfoAsync(connection, handle)).Texts("events"));
        Assert.Equal("active", (await InfoAsync(connection, handle)).Text("state"));
    }

    [SkippableFact]
    [Clause("WRD-OUTPUT-001")]
    public async Task AJobThatPrintsForeverIsKilled()
    {
        await StartServerAsync(Limited);
        var (connection, handle) = await ConnectAndCreateAsync();
        var result = await RunAsync(connection, handle, "while true; do echo again; done");

        Assert.Equal(255UL, result.Status);
        Assert.Equal(10000, result.Output.Length);
    }

    [SkippableFact]
    [Clause("WRD-OUTPUT-001")]
    public async Task WhatHasLeftTheJobsSessionDoesNotKeepItFromItsEnd()
    {
        await StartServerAsync(Limited);
        var (connection, handle) = await ConnectAndCreateAsync();
        var result = await RunAsync(connection, handle, "setsid sh -c 'while :; do echo again; done' & sleep 1000");

        Assert.Equal((255UL, 10000), (result.Status, result.Output.Length));
    }

    [SkippableFact]
    [Clause("WRD-OUTPUT-010")]
    public async Task Output_after_the_scripts_exit_counts_against_no_limit_and_kills_nobody()
    {
        await StartServerAsync(Limited);
        var (connection, handle) = await ConnectAndCreateAsync();
        var result = await RunAsync(
            connection, handle, "(until [ -e /tmp/go ]; do sleep 0.02; done; head -c 50000 /dev/zero; touch /tmp/alive; sleep 1000) & echo hi");
        Assert.Equal((0UL, "hi\n", ""), (result.Status, result.Output, result.Error));

        await OutputAsync(connection, handle, "touch /tmp/go");
        await FileAppearsAsync(connection, handle, "/tmp/alive");
        Assert.Empty((await InfoAsync(connection, handle)).Texts("events"));
    }

    [SkippableFact]
    [Clause("WRD-OUTPUT-004")]
    [Clause("WRD-OUTPUT-009")]
    public async Task AJobAtTheLimitIsLeftAlone()
    {
        await StartServerAsync(Limited);
        var (connection, handle) = await ConnectAndCreateAsync();
        for (var round = 0; round < 3; round++)
        {
            var result = await RunAsync(connection, handle, "head -c 6000 /dev/zero; head -c 4000 /dev/zero >&2; exit 8");
            Assert.Equal((8UL, 6000, 4000), (result.Status, result.Output.Length, result.Error.Length));
        }

        Assert.Empty((await InfoAsync(connection, handle)).Texts("events"));
    }

    [SkippableTheory]
    [Clause("WRD-OUTPUT-005")]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task NoLimit(int limit)
    {
        await StartServerAsync($"server: {{ job_output_limit: {limit} }}");
        var (connection, handle) = await ConnectAndCreateAsync();
        var result = await RunAsync(connection, handle, "head -c 12000000 /dev/zero");

        Assert.Equal((0UL, 12000000), (result.Status, result.Output.Length));
    }

    [SkippableFact]
    [Clause("WRD-OUTPUT-005")]
    public async Task TheDefaultIsTenMebibytes()
    {
        await StartServerAsync();
        var (connection, handle) = await ConnectAndCreateAsync();
        Assert.Equal(0UL, (await RunAsync(connection, handle, "head -c 10485760 /dev/zero")).Status);
        var result = await RunAsync(connection, handle, "head -c 10485761 /dev/zero; sleep 1000");

        Assert.Equal((255UL, 10485760), (result.Status, result.Output.Length));
    }

    [SkippableFact]
    [Clause("WRD-OUTPUT-006")]
    public async Task DiscardedOutputHasNoLimitAndIsEmpty()
    {
        await StartServerAsync(Limited);
        var (connection, handle) = await ConnectAndCreateAsync();
        var result = await RunAsync(connection, handle, "head -c 200000 /dev/zero; echo e >&2; exit 3", ("discard_output", true));
        Assert.Equal((3UL, "", ""), (result.Status, result.Output, result.Error));

        var job = await SpawnAsync(connection, handle, "head -c 200000 /dev/zero; exit 4", ("discard_output", true));
        var linked = await LinkAsync(connection, handle, job);
        Assert.Equal((4UL, "", ""), (linked.Status, linked.Output, linked.Error));
        Assert.Empty((await InfoAsync(connection, handle)).Texts("events"));
    }

    [SkippableFact]
    [Clause("WRD-OUTPUT-007")]
    public async Task AStreamOfDiscardedOutputHasTheLastFrameOnly()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var job = await SpawnAsync(connection, handle, "echo dropped; echo too >&2; exit 4", ("discard_output", true));
        var stream = await StreamAsync(connection, handle, job);

        Assert.Empty(stream.Frames);
        Assert.Equal(4UL, stream.Status);
    }

    [SkippableFact]
    [Clause("WRD-OUTPUT-008")]
    public async Task AStreamOfAJobOverTheLimitEndsThere()
    {
        await StartServerAsync(Limited);
        var (connection, handle) = await ConnectAndCreateAsync();
        var job = await SpawnAsync(connection, handle, "while true; do echo again; done");
        var stream = await StreamAsync(connection, handle, job);

        Assert.Equal((255UL, 10000), (stream.Status, stream.Bytes("stdout").Length));
    }
}
