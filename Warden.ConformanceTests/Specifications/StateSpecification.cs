using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Targets;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>States of a container, and what each allows (§3).</summary>
public abstract class StateSpecification(Target target) : Specification(target)
{
    private const string Stopped = "Container state must be one of 'active', current state is 'stopped'";

    [SkippableFact]
    [Clause("WRD-STATE-001")]
    [Clause("WRD-STATE-002")]
    public async Task AContainerIsActiveThenStopped()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        Assert.Equal("active", (await InfoAsync(connection, handle)).Text("state"));

        await connection.CallAsync("Stop", ("handle", handle));
        Assert.Equal("stopped", (await InfoAsync(connection, handle)).Text("state"));
    }

    [SkippableFact]
    [Clause("WRD-STATE-003")]
    public async Task AStoppedContainerRefusesWhatNeedsAnActiveOne()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        await connection.CallAsync("Stop", ("handle", handle));
        var source = Host.Write("file", "x");

        Assert.Equal(Stopped, await connection.FailAsync("Spawn", ("handle", handle), ("script", "true")));
        Assert.Equal(Stopped, await connection.FailAsync("Run", ("handle", handle), ("script", "true")));
        Assert.Equal(Stopped, await connection.FailAsync("NetIn", ("handle", handle)));
        Assert.Equal(Stopped, await connection.FailAsync("NetOut", ("handle", handle), ("port", 80)));
        Assert.Equal(Stopped, await connection.FailAsync("CopyIn", ("handle", handle), ("src_path", source), ("dst_path", "/tmp")));
    }

    [SkippableFact]
    [Clause("WRD-STATE-004")]
    public async Task AStoppedContainerAnswersTheRest()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        await connection.CallAsync("Stop", ("handle", handle));

        await connection.CallAsync("CopyOut", ("handle", handle), ("src_path", "/etc/passwd"), ("dst_path", Host.Make("out")));
        await connection.CallAsync("Info", ("handle", handle));
        await connection.CallAsync("Stop", ("handle", handle));
        await connection.CallAsync("LimitMemory", ("handle", handle));
        await connection.CallAsync("LimitDisk", ("handle", handle));
        await connection.CallAsync("LimitBandwidth", ("handle", handle), ("rate", 100000), ("burst", 1000));
        Assert.Equal(77UL, (await connection.CallAsync("LimitCpu", ("handle", handle), ("limit_in_shares", 77))).Number("limit_in_shares"));
    }

    [SkippableFact]
    [Clause("WRD-STATE-005")]
    [Clause("WRD-STOP-013")]
    public async Task AStoppedContainersJobsCanBeLinkedAndStreamed()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var linked = await SpawnAsync(connection, handle, "echo one; exit 5");
        var streamed = await SpawnAsync(connection, handle, "echo two; exit 6");
        await JobEndedAsync(connection, handle, linked);
        await JobEndedAsync(connection, handle, streamed);
        await connection.CallAsync("Stop", ("handle", handle));

        var result = await LinkAsync(connection, handle, linked);
        Assert.Equal((5UL, "one\n"), (result.Status, result.Output));
        var stream = await StreamAsync(connection, handle, streamed);
        Assert.Equal((6UL, "two\n"), (stream.Status, stream.Text("stdout")));
    }

    [SkippableFact]
    [Clause("WRD-STATE-006")]
    public async Task AJobThatNeverWasIsNoSuchJob()
    {
        var (connection, handle) = await ConnectAndCreateAsync();

        Assert.Equal("no such job", await connection.FailAsync("Link", ("handle", handle), ("job_id", 4000000000)));
        Assert.Equal("no such job", await connection.FailAsync("Stream", ("handle", handle), ("job_id", 0)));
    }

    [SkippableFact]
    [Clause("WRD-STATE-007")]
    [Clause("WRD-PING-003")]
    [Clause("WRD-PING-005")]
    public async Task DestroyIsAnsweredInEveryStateAndListFollows()
    {
        var (connection, active) = await ConnectAndCreateAsync();
        var stopped = await CreateAsync(connection);
        await connection.CallAsync("Stop", ("handle", stopped));
        var handles = (await connection.CallAsync("List")).Texts("handles");
        Assert.Contains(active, handles);
        Assert.Contains(stopped, handles);

        await connection.CallAsync("Destroy", ("handle", active));
        await connection.CallAsync("Destroy", ("handle", stopped));
        handles = (await connection.CallAsync("List")).Texts("handles");
        Assert.DoesNotContain(active, handles);
        Assert.DoesNotContain(stopped, handles);
    }

    [SkippableFact]
    [Clause("WRD-STATE-008")]
    public async Task AHandleIsTakenWhileItsContainerIsBornAndListedOnceItAnswers()
    {
        var observer = await ConnectAsync();
        for (var round = 0; round < 10; round++)
        {
            var handle = $"born-{Faker.Random.AlphaNumeric(16)}";
            var first = await ConnectAsync();
            var second = await ConnectAsync();
            await first.SendAsync("Create", ("handle", handle));
            await second.SendAsync("Create", ("handle", handle));
            var listed = (await observer.CallAsync("List")).Texts("handles");
            var answers = new[] { await first.ReadAsync(), await second.ReadAsync() };
            Track(handle);

            Assert.Single(answers, answer => !answer.IsError);
            Assert.Equal($"container with handle: {handle} already exists.", answers.Single(answer => answer.IsError).Error);

            // Listed before its answer or not: whatever is listed is whole.
            if (listed.Contains(handle))
            {
                Assert.Equal("active", (await InfoAsync(observer, handle)).Text("state"));
            }
        }
    }

    [SkippableFact]
    [Clause("WRD-PING-004")]
    public async Task TheListOfANewServerIsEmpty()
    {
        await StartServerAsync();
        var connection = await ConnectAsync();

        Assert.Empty((await connection.CallAsync("List")).Texts("handles"));
        await Deadline.WithinAsync("a ping", connection.CallAsync("Ping"));
    }
}
