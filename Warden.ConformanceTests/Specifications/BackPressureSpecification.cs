using System.Net.Sockets;
using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Wire;
using Warden.Spec.Clauses;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>What a server takes in before it has answered, and what it sends (§1).</summary>
public abstract class BackPressureSpecification(Target target) : Specification(target)
{
    /// <summary>A megabyte read ahead, one request in work, and what the two sockets' buffers hold.</summary>
    private const int MostTakenIn = 6 << 20;

    /// <summary>How long a sender that gets no further is called blocked.</summary>
    private static readonly TimeSpan Blocked = TimeSpan.FromSeconds(1.5);

    [SkippableFact]
    [Clause("WRD-FRAME-010")]
    public async Task AServerReadsAheadNoMoreThanAMegabyte()
    {
        var (control, handle) = await ConnectAndCreateAsync();
        var connection = await ConnectAsync();
        await connection.SendAsync("Run", ("handle", handle), ("script", "while ! test -e /tmp/go; do sleep 0.02; done"));

        var (sent, frames) = await SendUntilBlockedAsync(connection);
        Assert.InRange(sent, 64 << 10, MostTakenIn);

        await RunAsync(control, handle, "touch /tmp/go");
        await connection.ReadAsync("Run");
        for (var count = 0; count < frames; count++)
        {
            Assert.Equal(64 << 10, (await connection.ReadAsync("Echo")).Bytes("message").Length);
        }
    }

    [SkippableFact]
    [Clause("WRD-FRAME-011")]
    public async Task AClientThatNeverReadsIsHeldBackAndOthersAreServed()
    {
        var (other, handle) = await ConnectAndCreateAsync();
        var connection = await ConnectAsync();

        var (sent, _) = await SendUntilBlockedAsync(connection);

        Assert.InRange(sent, 64 << 10, MostTakenIn);
        await other.CallAsync("Ping");
        Assert.Equal("fine\n", await OutputAsync(other, handle, "echo fine"));
    }

    [SkippableFact]
    [Clause("WRD-FRAME-011")]
    public async Task AJobThatIsStreamedToAClientThatNeverReadsHarmsNobody()
    {
        var (other, handle) = await ConnectAndCreateAsync();
        var connection = await ConnectAsync();
        var job = await SpawnAsync(other, handle, "head -c 4000000 /dev/zero | tr '\\0' x; echo end >&2");
        await connection.SendAsync("Stream", ("handle", handle), ("job_id", job));

        // The job ends although nobody reads what it prints.
        await JobEndedAsync(other, handle, job);
        Assert.Equal("fine\n", await OutputAsync(other, handle, "echo fine"));

        var stream = await StreamResult.ReadAsync(connection);
        Assert.Equal(4000000, stream.Bytes("stdout").Length);
        Assert.Equal("end\n", stream.Text("stderr"));
    }

    [SkippableFact]
    [Clause("WRD-FRAME-014")]
    public async Task AnAnswerAboveTheLimitOfRequestsIsSent()
    {
        await StartServerAsync("server: { job_output_limit: 0 }");
        var (connection, handle) = await ConnectAndCreateAsync();

        var result = await connection.CallAsync("Run", ("handle", handle), ("script", "head -c 70000000 /dev/zero"));

        Assert.Equal(70000000, result.Bytes("stdout").Length);
    }

    [SkippableFact]
    [Clause("WRD-FRAME-011")]
    public async Task TheMemoryOfAServerStaysBoundedWhileNobodyReads()
    {
        Need(ClauseNeeds.OwnConfiguration | ClauseNeeds.Executable);
        var server = await StartServerAsync();
        var process = System.Diagnostics.Process.GetProcessById(server.ProcessId!.Value);
        await (await ConnectAsync()).CallAsync("Ping");
        var before = process.WorkingSet64;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ => await SendUntilBlockedAsync(await ConnectAsync())));
        process.Refresh();

        Assert.InRange(process.WorkingSet64 - before, long.MinValue, 160L << 20);
    }

    private async Task<(long Bytes, int Frames)> SendUntilBlockedAsync(WireConnection connection)
    {
        var frame = WireFrame.Request("Echo", ("message", Faker.Random.Bytes(64 << 10)));
        for (var count = 0; count < 1024; count++)
        {
            for (var start = 0; start < frame.Length;)
            {
                using var blocked = new CancellationTokenSource(Blocked);
                try
                {
                    start += await connection.Socket.SendAsync(frame.AsMemory(start), SocketFlags.None, blocked.Token);
                }
                catch (OperationCanceledException)
                {
                    // The rest of a frame that was begun goes out once the server reads again.
                    var rest = start == 0 ? Task.CompletedTask : connection.SendBytesAsync(frame.AsMemory(start));
                    _ = rest.ContinueWith(task => task.Exception, TaskContinuationOptions.OnlyOnFaulted);
                    return (((long)count * frame.Length) + start, start == 0 ? count : count + 1);
                }
            }
        }

        return (1024L * frame.Length, 1024);
    }
}
