using Warden.ConformanceTests.Targets;
using Warden.Spec.Clauses;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>When a job ends, and what of its output belongs to it (§4 End).</summary>
public abstract class JobEndSpecification(Target target) : Specification(target)
{
    /// <summary>As many bytes as a pipe holds (pipe(7)).</summary>
    private const int PipeSize = 65536;

    /// <summary>How often a race is tried: <c>WARDEN_ROUNDS</c> of a long run, else a few.</summary>
    private static int Rounds => int.TryParse(Environment.GetEnvironmentVariable("WARDEN_ROUNDS"), out var rounds) ? rounds : 20;

    [SkippableFact]
    [Clause("WRD-JOB-023")]
    [Clause("WRD-JOB-024")]
    public async Task A_job_ends_with_its_script_though_the_background_holds_its_output()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var result = await RunAsync(connection, handle, "sleep 1000 & echo $! >/tmp/pid; echo hi; exit 4");
        Assert.Equal((4UL, "hi\n", ""), (result.Status, result.Output, result.Error));
        Assert.Empty(result.Info.Numbers("job_ids"));
        await OutputAsync(connection, handle, "kill -0 $(cat /tmp/pid)");

        var job = await SpawnAsync(connection, handle, "(sleep 1000; echo never) & echo hi >&2; exit 5");
        await JobEndedAsync(connection, handle, job);
        var linked = await LinkAsync(connection, handle, job);
        Assert.Equal((5UL, "", "hi\n"), (linked.Status, linked.Output, linked.Error));
    }

    [SkippableFact]
    [Clause("WRD-JOB-023")]
    [Clause("WRD-JOB-028")]
    public async Task A_stream_ends_with_the_script_and_a_later_one_replays_it()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var job = await SpawnAsync(
            connection, handle, "(until [ -e /tmp/go ]; do sleep 0.02; done; echo later; touch /tmp/done) & echo hi; exit 6");
        await JobEndedAsync(connection, handle, job);
        await OutputAsync(connection, handle, "touch /tmp/go");
        await FileAppearsAsync(connection, handle, "/tmp/done");

        var stream = await StreamAsync(connection, handle, job);
        Assert.Equal((6UL, "hi\n"), (stream.Status, stream.Text("stdout")));
    }

    [SkippableFact]
    [Clause("WRD-JOB-026")]
    public async Task A_background_process_that_prints_without_end_holds_nothing_up()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var result = await RunAsync(connection, handle, "echo first; yes & exit 7");
        Assert.Equal(7UL, result.Status);
        Assert.StartsWith("first\n", result.Output);
        await connection.CallAsync("Stop", ("handle", handle), ("kill", true));
    }

    [SkippableFact]
    [Clause("WRD-JOB-025")]
    public async Task What_is_in_the_pipes_at_the_exit_is_in_the_answer()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        for (var round = 0; round < Rounds; round++)
        {
            // The last bytes fill the pipe just before the exit, which a background process keeps from its end.
            var result = await RunAsync(connection, handle, $"sleep 1000 & head -c {PipeSize} /dev/zero; exit 8");
            Assert.Equal((8UL, PipeSize), (result.Status, result.Output.Length));

            var job = await SpawnAsync(connection, handle, $"sleep 1000 & head -c {PipeSize} /dev/zero >&2; exit 9");
            var stream = await StreamAsync(connection, handle, job);
            Assert.Equal((9UL, PipeSize), (stream.Status, stream.Text("stderr").Length));
            await OutputAsync(connection, handle, "pkill -x sleep");
        }
    }

    [SkippableFact]
    [Clause("WRD-JOB-027")]
    public async Task A_job_that_has_closed_its_outputs_ends_with_its_script()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var job = await SpawnAsync(connection, handle, "echo hi; exec >&- 2>&-; until [ -e /tmp/go ]; do sleep 0.02; done; exit 3");
        await OutputAsync(connection, handle, "touch /tmp/go");
        var result = await LinkAsync(connection, handle, job);
        Assert.Equal((3UL, "hi\n", ""), (result.Status, result.Output, result.Error));
    }

    [SkippableFact]
    [Clause("WRD-JOB-029")]
    public async Task Output_by_way_of_a_process_substitution_is_in_the_answer()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        Assert.Equal("one\ntwo\n", await OutputAsync(connection, handle, "exec > >(tee /tmp/log); echo one; echo two"));
    }
}
