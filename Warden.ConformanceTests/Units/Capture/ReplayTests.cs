using Microsoft.Extensions.Time.Testing;
using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Units.Client;
using Warden.Emulator;
using Warden.Spec;
using Warden.Spec.Capture;
using Warden.Spec.Client;
using Warden.Spec.Protocol;
using Xunit;

namespace Warden.ConformanceTests.Units.Capture;

public sealed class ReplayTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task What_one_server_did_another_does_too()
    {
        await using var warden = await WardenEmulator.StartAsync();
        await using var session = CapturedSession.Start(warden.SocketPath);
        await PlaySessionAsync(session);
        await session.EndAsync();

        Assert.Null((await ReplayAsync(warden.SocketPath, session.Path)).Divergence);

        // Another server has other handles, ids, addresses, ports and jobs, and containers that the session knows nothing of.
        await using var other = await WardenEmulator.StartAsync();
        var first = await other.Client.CreateAsync();
        await other.Client.SpawnAsync(first, "sleep 1000");
        await other.Client.NetInAsync(first);
        var result = await ReplayAsync(other.SocketPath, session.Path);
        Assert.Null(result.Divergence);
        Assert.True(result.Requests > 20);
    }

    [Fact]
    public async Task An_id_that_the_same_answer_tells_may_stand_in_its_output()
    {
        await using var warden = await WardenEmulator.StartAsync();
        await using var session = CapturedSession.Start(warden.SocketPath);
        await using (var client = await session.ConnectAsync())
        {
            await client.CallAsync("Create", ("handle", "named"));
            await client.CallAsync("Run", ("handle", "named"), ("script", "hostname; hostname -I"));
        }

        await session.EndAsync();
        await using var other = await WardenEmulator.StartAsync();
        await other.Client.CreateAsync();
        Assert.Null((await ReplayAsync(other.SocketPath, session.Path)).Divergence);
    }

    [Fact]
    public async Task The_first_answer_that_differs_is_told_with_its_line()
    {
        await using var warden = await WardenEmulator.StartAsync();
        await using var session = CapturedSession.Start(warden.SocketPath);
        await PlaySessionAsync(session);
        var lines = await session.EndAsync();

        warden.FailNext("limit_memory", "no memory");
        var divergence = (await ReplayAsync(warden.SocketPath, session.Path)).Divergence!;
        var line = lines.ToList().FindIndex(line => line.TryGetProperty("then", out var then) && then.GetString() == "LimitMemory") + 1;
        Assert.Equal((line, "c1"), (divergence.Line, divergence.Connection));
        Assert.Equal("""it failed with "no memory" """.TrimEnd(), divergence.Difference);
        Assert.StartsWith("LimitMemory {\"handle\":", divergence.Request, StringComparison.Ordinal);
        Assert.Equal("""{"limit_in_bytes":67108864}""", divergence.Expected);
        Assert.Equal("the error \"no memory\"", divergence.Got);
        Assert.StartsWith($"file.jsonl:{line}: it failed with \"no memory\"\n  on c1:    LimitMemory ", divergence.Describe("file.jsonl"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo hi", "stdout", "ho\n", "stdout is \"hi\\n\", and \"ho\\n\" was recorded")]
    [InlineData("exit 3", "exit_status", 4, "exit_status is 3, and 4 was recorded")]
    [InlineData("echo x >&2", "stderr", null, "stderr is \"x\\n\", and none was recorded")]
    [InlineData("true", "nothing", 1, null)]
    public async Task An_answer_is_compared_field_by_field(string script, string field, object? recorded, string? difference)
    {
        await using var warden = await WardenEmulator.StartAsync();
        var handle = await warden.Client.CreateAsync();
        var run = await warden.Client.RunAsync(handle, script);
        var expected = new Dictionary<string, object>
        {
            ["exit_status"] = run.ExitStatus,
            ["stdout"] = run.Stdout.ToStringUtf8(),
            ["stderr"] = run.Stderr.ToStringUtf8(),
            ["info"] = "present",
        };
        expected.Remove(field);
        if (recorded is not null)
        {
            expected[field] = recorded;
        }

        var path = Write(
            """{"on":"c1","request":"Create","response":{"handle":"$H1"}}""",
            "",
            $$"""{"on":"c1","request":"Run","fields":{"handle":"$H1","script":"{{script}}"},"response":{{System.Text.Json.JsonSerializer.Serialize(expected)}}}""");
        if (difference is null)
        {
            var failure = await Assert.ThrowsAsync<WardenException>(() => ReplayAsync(warden.SocketPath, path));
            Assert.Equal($"{path}:3: the line cannot be played: RunResponse has no field nothing", failure.Message);
            return;
        }

        var divergence = (await ReplayAsync(warden.SocketPath, path)).Divergence!;
        Assert.Equal((3, difference), (divergence.Line, divergence.Difference));
    }

    [Theory]
    [InlineData("a1b2", null)]
    [InlineData("abbb", "what is left of stdout is \"1b\", and \"b\" was recorded")]
    public async Task A_stream_is_compared_by_its_bytes_not_by_its_pieces(string recorded, string? difference)
    {
        await using var server = new FakeServer(async request =>
        {
            foreach (var piece in new[] { "a", "1b", "2" })
            {
                await request.AnswerAsync(new StreamResponse { Name = "stdout", Data = Google.Protobuf.ByteString.CopyFromUtf8(piece) });
            }

            await request.AnswerAsync(new StreamResponse { ExitStatus = 0, Info = new InfoResponse { State = "active" } });
        });
        var path = Write(
            """{"on":"c1","sent":"Stream","fields":{"handle":"h","job_id":1}}""",
            $$$"""{"on":"c1","then":"Stream","response":{"name":"stdout","data":"{{{recorded[..2]}}}"}}""",
            $$$"""{"on":"c1","then":"Stream","response":{"name":"stdout","data":"{{{recorded[2..]}}}"}}""",
            """{"on":"c1","then":"Stream","response":{"exit_status":0,"info":{"state":"active"}}}""");
        var divergence = (await ReplayAsync(server.SocketPath, path)).Divergence;
        Assert.Equal((difference is null ? null : 2, difference), (divergence?.Line, divergence?.Difference));
    }

    [Theory]
    [InlineData("ab", 3, "what is left of stdout is \"c\", and \"\" was recorded")]
    [InlineData("abcd", 2, "the stream ended before all of stdout that was recorded")]
    public async Task A_stream_that_is_longer_or_shorter_diverges(string recorded, int line, string difference)
    {
        await using var server = new FakeServer(async request =>
        {
            await request.AnswerAsync(new StreamResponse { Name = "stdout", Data = Google.Protobuf.ByteString.CopyFromUtf8("abc") });
            await request.AnswerAsync(new StreamResponse { ExitStatus = 0 });
        });
        var path = Write(
            """{"on":"c1","sent":"Stream","fields":{"handle":"h","job_id":1}}""",
            $$$"""{"on":"c1","then":"Stream","response":{"name":"stdout","data":"{{{recorded}}}"}}""",
            """{"on":"c1","then":"Stream","response":{"exit_status":0}}""");
        var divergence = (await ReplayAsync(server.SocketPath, path)).Divergence!;
        Assert.Equal((line, difference), (divergence.Line, divergence.Difference));
    }

    [Fact]
    public async Task Broken_frames_and_half_closed_connections_are_played_too()
    {
        await using var warden = await WardenEmulator.StartAsync();
        await using var session = CapturedSession.Start(warden.SocketPath);
        await using (var client = await session.ConnectAsync())
        {
            await client.SendBytesAsync("nonsense"u8.ToArray());
            await client.ReadAsync();
            await client.ExpectEndAsync();
        }

        await using (var client = await session.ConnectAsync())
        {
            await client.SendAsync("Ping");
            client.ShutdownSend();
            await client.ReadAsync("Ping");
            await client.ExpectEndAsync();
        }

        var lines = await session.UntilAsync("both ends", lines => lines.Count(line => line.TryGetProperty("close", out _)) == 2);
        Assert.Contains(lines, line => line.TryGetProperty("client bytes", out _));
        Assert.Null((await ReplayAsync(warden.SocketPath, session.Path)).Divergence);
    }

    [Theory]
    [InlineData(true, "the server closed the connection")]
    [InlineData(false, "nothing came within 32 s")]
    public async Task A_server_that_closes_or_keeps_silent_diverges(bool closes, string difference)
    {
        await using var server = new FakeServer(request =>
        {
            if (closes)
            {
                request.Socket.Dispose();
            }

            return Task.CompletedTask;
        });
        var path = Write(
            """{"at":0,"on":"c1","sent":"Ping"}""",
            """{"at":2,"on":"c1","then":"Ping","took":2,"response":{}}""");
        var clock = new FakeTimeProvider();
        var replay = ReplayAsync(server.SocketPath, path, clock);
        await AdvanceUntilAsync(clock, TimeSpan.FromSeconds(closes ? 0 : 1), replay);
        var divergence = (await replay).Divergence!;
        Assert.Equal((2, difference), (divergence.Line, divergence.Difference));
    }

    [Fact]
    public async Task An_answer_where_the_server_closed_diverges()
    {
        await using var warden = await WardenEmulator.StartAsync();
        var path = Write(
            """{"on":"c1","sent":"Ping"}""",
            """{"on":"c1","close":"server"}""");
        var divergence = (await ReplayAsync(warden.SocketPath, path)).Divergence!;
        Assert.Equal((2, "the end of the connection", "{}"), (divergence.Line, divergence.Expected, divergence.Got));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Waits_are_kept_where_they_are_asked_for(bool keepTimings)
    {
        await using var warden = await WardenEmulator.StartAsync();
        var path = Write(
            """{"at":5,"on":"c1","sent":"Ping"}""",
            """{"at":6,"on":"c1","then":"Ping","response":{}}""",
            """{"at":3606,"on":"c1","sent":"Ping"}""",
            """{"at":3606,"on":"c1","then":"Ping","response":{}}""");
        var clock = new FakeTimeProvider();
        var start = clock.GetUtcNow();
        var replay = ReplayAsync(warden.SocketPath, path, clock, keepTimings);
        await AdvanceUntilAsync(clock, TimeSpan.FromSeconds(keepTimings ? 100 : 0), replay);
        Assert.Null((await replay).Divergence);
        Assert.Equal(keepTimings, clock.GetUtcNow() - start >= TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task A_torn_last_line_is_left_out_and_another_is_an_error()
    {
        await using var warden = await WardenEmulator.StartAsync();
        const string Line = """{"on":"c1","request":"Ping","response":{}}""";
        var torn = await ReplayAsync(warden.SocketPath, Write(Line, Line[..20]));
        Assert.Equal(new ReplayResult(1, null, true), torn);

        var path = Write(Line[..20], Line);
        var failure = await Assert.ThrowsAsync<WardenException>(() => ReplayAsync(warden.SocketPath, path));
        Assert.Equal($"{path}:1: the line is no JSON object", failure.Message);
    }

    [Theory]
    [InlineData("""{"on":"c1","request":"Pong","response":{}}""", "there is no command Pong")]
    [InlineData("""{"on":"c1","sent":"Info","fields":{"handle":"$H1"}}""", "$H1 stands for nothing yet")]
    [InlineData("""{"on":"c1","sent":"Echo","fields":{"massage":"x"}}""", "EchoRequest has no field massage")]
    [InlineData("""{"on":"c1","scenario":"x"}""", "it says nothing that can be done")]
    [InlineData("""{"sent":"Ping"}""", "it names no connection")]
    public async Task A_line_that_cannot_be_played_is_an_error(string line, string error)
    {
        await using var warden = await WardenEmulator.StartAsync();
        var path = Write(line);
        var failure = await Assert.ThrowsAsync<WardenException>(() => ReplayAsync(warden.SocketPath, path));
        Assert.Equal($"{path}:1: the line cannot be played: {error}", failure.Message);
    }

    /// <summary>A client's day: two connections, a stream, jobs, ports, limits, errors, and output that is no text.</summary>
    private static async Task PlaySessionAsync(CapturedSession session)
    {
        await using var client = await session.ConnectAsync();
        await using var second = await session.ConnectAsync();
        var handle = (await client.CallAsync("Create")).Text("handle");
        await client.CallAsync("Create", ("handle", "named"));
        await client.CallAsync("List");
        var info = await second.CallAsync("Info", ("handle", handle));
        await client.CallAsync("Run", ("handle", handle), ("script", "hostname; printf '\\377\\0'; echo err >&2; exit 5"));
        await client.CallAsync("Run", ("handle", handle), ("script", $"ip addr | grep -o {info.Text("container_ip")}"));
        var port = (await client.CallAsync("NetIn", ("handle", handle))).Number("host_port");
        await client.CallAsync("NetIn", ("handle", handle), ("container_port", 8080));
        await client.CallAsync("Run", ("handle", handle), ("script", $"echo port {port}"));
        await client.CallAsync("NetOut", ("handle", handle), ("network", "10.1.2.3"), ("port", 80));

        var job = (await client.CallAsync("Spawn", ("handle", handle), ("script", "sleep 0.2; echo $(hostname); hostname >&2; exit 7"))).Number("job_id");
        await second.SendAsync("Stream", ("handle", handle), ("job_id", job));
        while (!(await second.ReadAsync("Stream")).Has("exit_status"))
        {
        }

        var waiting = (await client.CallAsync("Spawn", ("handle", handle), ("script", "sleep 1000"))).Number("job_id");
        await client.CallAsync("Info", ("handle", handle));
        await second.SendAsync("Link", ("handle", handle), ("job_id", waiting));
        await client.CallAsync("LimitMemory", ("handle", handle), ("limit_in_bytes", 64 * 1024 * 1024));
        await client.CallAsync("LimitBandwidth", ("handle", handle), ("rate", 1000), ("burst", 2000));
        await client.CallAsync("Echo", ("message", "present"));
        await client.CallAsync("Echo", ("message", "$H1"));
        await client.FailAsync("Info", ("handle", "nobody"));
        await client.SendAsync("Ping");
        await client.SendAsync("Echo", ("message", "pipelined"));
        await client.ReadAsync("Ping");
        await client.ReadAsync("Echo");
        await client.CallAsync("Stop", ("handle", handle), ("kill", true));
        await second.ReadAsync("Link");
        await client.FailAsync("Run", ("handle", handle), ("script", "true"));
        await client.CallAsync("Destroy", ("handle", handle));
        await client.CallAsync("Destroy", ("handle", "named"));
        await client.CallAsync("List");
    }

    private static Task<ReplayResult> ReplayAsync(string server, string path, TimeProvider? clock = null, bool keepTimings = false) =>
        SessionReplay.RunAsync(new ReplayOptions
        {
            TranscriptPath = path,
            Server = WardenEndpoint.Unix(server),
            KeepTimings = keepTimings,
            Timeout = TimeSpan.FromSeconds(keepTimings ? 100_000 : 30),
            TimeProvider = clock ?? TimeProvider.System,
        }).WaitAsync(2 * Deadline.Default);

    private static Task AdvanceUntilAsync(FakeTimeProvider clock, TimeSpan step, Task end) =>
        Deadline.UntilAsync("the replay's end", () =>
        {
            clock.Advance(end.IsCompleted ? TimeSpan.Zero : step);
            return Task.FromResult(end.IsCompleted);
        });

    private string Write(params string[] lines) => _directory.Write("session.jsonl", string.Join('\n', lines));
}
