using Warden.ConformanceTests.Targets;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>Stream (§4).</summary>
public abstract class StreamSpecification(Target target) : Specification(target)
{
    [SkippableFact]
    [Clause("WRD-STREAM-001")]
    [Clause("WRD-STREAM-002")]
    [Clause("WRD-STREAM-003")]
    [Clause("WRD-STREAM-005")]
    [Clause("WRD-STREAM-012")]
    public async Task AStreamReplaysThenFollows()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var job = await SpawnAsync(
            connection, handle, "echo one; touch /tmp/ready; while ! test -e /tmp/go; do sleep 0.02; done; echo two; exit 5");
        await FileAppearsAsync(connection, handle, "/tmp/ready");
        var streamer = await ConnectAsync();
        await streamer.SendAsync("Stream", ("handle", handle), ("job_id", job));

        // What was printed before is replayed while the job still runs.
        var first = await streamer.ReadAsync("Stream");
        Assert.Equal(["name", "data"], first.Present);
        Assert.Equal(("stdout", "one\n"), (first.Text("name"), first.Text("data")));

        await OutputAsync(connection, handle, "touch /tmp/go");
        var second = await streamer.ReadAsync("Stream");
        Assert.Equal(["name", "data"], second.Present);
        Assert.Equal(("stdout", "two\n"), (second.Text("name"), second.Text("data")));

        var last = await streamer.ReadAsync("Stream");
        Assert.Equal(["exit_status", "info"], last.Present);
        Assert.Equal(5UL, last.Number("exit_status"));
        Assert.Equal("active", last.Message("info").Text("state"));
        await streamer.CallAsync("Ping");
    }

    [SkippableFact]
    [Clause("WRD-STREAM-003")]
    [Clause("WRD-STREAM-007")]
    public async Task AfterTheLastFrameTheJobIsGone()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var job = await SpawnAsync(connection, handle, "true");
        var stream = await StreamAsync(connection, handle, job);

        Assert.Empty(stream.Frames);
        Assert.Equal(0UL, stream.Status);
        Assert.Equal("no such job", await connection.FailAsync("Stream", ("handle", handle), ("job_id", job)));
        Assert.Equal("no such job", await connection.FailAsync("Link", ("handle", handle), ("job_id", job)));
    }

    [SkippableFact]
    [Clause("WRD-STREAM-004")]
    [Clause("WRD-STREAM-010")]
    public async Task AFrameHasAtMost64KiB()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var job = await SpawnAsync(connection, handle, "head -c 1000000 /dev/zero | tr '\\0' a");
        await JobEndedAsync(connection, handle, job);
        var stream = await StreamAsync(connection, handle, job);

        Assert.All(stream.Frames, frame => Assert.InRange(frame.Data.Length, 1, 64 << 10));
        Assert.Equal(new string('a', 1000000), stream.Text("stdout"));
    }

    [SkippableFact]
    [Clause("WRD-STREAM-006")]
    public async Task AStreamWhoseClientGoesAwayLeavesEverything()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var job = await SpawnAsync(connection, handle, "echo one; while ! test -e /tmp/go; do sleep 0.02; done; echo two");
        var leaving = await ConnectAsync();
        await leaving.SendAsync("Stream", ("handle", handle), ("job_id", job));
        await leaving.ReadAsync("Stream");
        await leaving.DisposeAsync();
        await OutputAsync(connection, handle, "touch /tmp/go");
        await JobEndedAsync(connection, handle, job);

        Assert.Equal("one\ntwo\n", (await StreamAsync(connection, handle, job)).Text("stdout"));
    }

    [SkippableFact]
    [Clause("WRD-STREAM-008")]
    public async Task EveryStreamGetsEverything()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var job = await SpawnAsync(
            connection, handle, "for i in 1 2 3; do echo $i; echo e$i >&2; done; while ! test -e /tmp/go; do sleep 0.02; done; echo end");
        var streamers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ConnectAsync()));
        var begun = new List<string>();
        foreach (var streamer in streamers)
        {
            await streamer.SendAsync("Stream", ("handle", handle), ("job_id", job));
            var first = await streamer.ReadAsync("Stream");
            begun.Add(first.Text("name") == "stdout" ? first.Text("data") : "");
        }

        await OutputAsync(connection, handle, "touch /tmp/go");
        for (var index = 0; index < streamers.Length; index++)
        {
            var stream = await StreamResult.ReadAsync(streamers[index]);
            Assert.Equal("1\n2\n3\nend\n", begun[index] + stream.Text("stdout"));
        }
    }

    [SkippableFact]
    [Clause("WRD-STREAM-009")]
    public async Task FramesComeInTheOrderOfArrival()
    {
        var (connection, handle) = await ConnectAndCreateAsync();

        // The two outputs are pipes of their own: in which order lines arrived is certain where each is printed once the one before has been seen.
        var job = await SpawnAsync(
            connection,
            handle,
            """
            seen() { until test -e /tmp/$1; do sleep 0.02; done; }
            for i in 1 2 3 4; do echo o$i; seen o$i; echo e$i >&2; seen e$i; done
            seen end
            """);
        var follower = await ConnectAsync();
        await follower.SendAsync("Stream", ("handle", handle), ("job_id", job));
        string[] lines = ["o1", "e1", "o2", "e2", "o3", "e3", "o4", "e4"];
        foreach (var line in lines)
        {
            var frame = await follower.ReadAsync("Stream");
            Assert.Equal((line[0] == 'o' ? "stdout" : "stderr", $"{line}\n"), (frame.Text("name"), frame.Text("data")));
            await OutputAsync(connection, handle, $"touch /tmp/{line}");
        }

        // A stream that begins now replays them in that order, whatever of one name comes in one frame.
        var replayed = await ConnectAsync();
        await replayed.SendAsync("Stream", ("handle", handle), ("job_id", job));
        var order = "";
        while (order.Length < 3 * lines.Length)
        {
            order += (await replayed.ReadAsync("Stream")).Text("data");
        }

        Assert.Equal(string.Concat(lines.Select(line => $"{line}\n")), order);
        await OutputAsync(connection, handle, "touch /tmp/end");
        Assert.Empty((await StreamResult.ReadAsync(follower)).Frames);
        Assert.Empty((await StreamResult.ReadAsync(replayed)).Frames);
    }

    [SkippableFact]
    [Clause("WRD-STREAM-010")]
    public async Task TheStreamOfAnEndedJobReplaysAll()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var job = await SpawnAsync(connection, handle, "printf AB; printf E >&2; exit 9");
        await JobEndedAsync(connection, handle, job);
        var stream = await StreamAsync(connection, handle, job);

        Assert.Equal((9UL, "AB", "E"), (stream.Status, stream.Text("stdout"), stream.Text("stderr")));
    }

    [SkippableFact]
    [Clause("WRD-STREAM-011")]
    public async Task AClientThatReadsSlowlyGetsEverything()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var job = await SpawnAsync(connection, handle, "head -c 3000000 /dev/zero | tr '\\0' b; echo end >&2");
        var streamer = await ConnectAsync();
        await streamer.SendAsync("Stream", ("handle", handle), ("job_id", job));
        await JobEndedAsync(connection, handle, job);
        var stream = await StreamResult.ReadAsync(streamer);

        Assert.Equal(3000000, stream.Bytes("stdout").Length);
        Assert.Equal("end\n", stream.Text("stderr"));
    }
}
