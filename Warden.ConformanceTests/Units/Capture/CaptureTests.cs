using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Units.Client;
using Warden.ConformanceTests.Wire;
using Warden.Emulator;
using Warden.Spec.Protocol;
using Xunit;

namespace Warden.ConformanceTests.Units.Capture;

public sealed class CaptureTests
{
    [Fact]
    public async Task A_session_is_written_line_by_line_for_people()
    {
        await using var warden = await WardenEmulator.StartAsync();
        await using var session = CapturedSession.Start(warden.SocketPath);
        await using (var client = await session.ConnectAsync())
        {
            await client.CallAsync("Ping");
            await client.CallAsync("Create", ("handle", "häuschen"));
            await client.CallAsync("Run", ("handle", "häuschen"), ("script", "printf '<a>\\n\\377' >&2; exit 3"));
            await client.FailAsync("NetOut", ("handle", "häuschen"), ("protocol", 1));
        }

        var lines = await session.UntilAsync("the client's end", lines => lines.Count == 10);
        Assert.All(lines, line => Assert.Equal("c1", line.GetProperty("on").GetString()));
        var times = lines.Select(line => line.GetProperty("at").GetDecimal()).ToList();
        Assert.Equal(times.Order(), times);
        Assert.Equal(
            [
                """{"open"}""",
                """{"sent":"Ping"}""",
                """{"then":"Ping","response":{}}""",
                """{"sent":"Create","fields":{"handle":"häuschen"}}""",
                """{"then":"Create","response":{"handle":"häuschen"}}""",
                """{"sent":"Run","fields":{"handle":"häuschen","script":"printf '<a>\\n\\377' >&2; exit 3"}}""",
                """{"then":"Run"}""",
                """{"sent":"NetOut","fields":{"handle":"häuschen","protocol":"UDP"}}""",
                """{"then":"NetOut","error":"Please specify network, port, and/or port_range."}""",
                """{"close":"client"}""",
            ],
            lines.Select(Text));
        var run = lines[6].GetProperty("response");
        Assert.Equal(("", 3), (run.GetProperty("stdout").GetString(), run.GetProperty("exit_status").GetInt32()));
        Assert.Equal("<a>\n\xff", Encoding.Latin1.GetString(run.GetProperty("stderr").GetProperty("base64").GetBytesFromBase64()));
        Assert.True(run.GetProperty("info").GetProperty("memory_stat").TryGetProperty("total_rss", out _));
        Assert.InRange(times[6] - times[5] - lines[6].GetProperty("took").GetDecimal(), -0.000002m, 0.000002m);

        static string Text(JsonElement line) => line.TryGetProperty("open", out _) ? """{"open"}"""
            : line.TryGetProperty("then", out var then) && then.GetString() == "Run" ? """{"then":"Run"}"""
            : "{" + string.Join(",", line.EnumerateObject().Where(item => item.Name is not ("at" or "on" or "took"))
                .Select(item => $"\"{item.Name}\":{item.Value.GetRawText()}")) + "}";
    }

    [Fact]
    public async Task Bytes_that_are_no_frames_go_both_ways_as_they_are()
    {
        var random = Seed.For(nameof(Bytes_that_are_no_frames_go_both_ways_as_they_are)).Random;
        var sent = random.Bytes(300_000);
        var answered = random.Bytes(200_000);
        sent[0] = answered[0] = (byte)'x';
        using var directory = new TemporaryDirectory();
        using var listener = Listen(directory["raw.sock"]);
        await using var session = CapturedSession.Start(directory["raw.sock"]);
        await using var client = await session.ConnectAsync();
        using var server = await listener.AcceptAsync().WaitAsync(Deadline.Default);

        var received = await Task.WhenAll(
            ReceiveAsync(server, sent.Length), ReceiveAsync(client.Socket, answered.Length),
            SendAsync(client.Socket, sent, random), SendAsync(server, answered, random)).WaitAsync(Deadline.Default);
        Assert.Equal(sent, received[0]);
        Assert.Equal(answered, received[1]);

        var lines = await session.EndAsync();
        Assert.Equal(sent, Bytes(lines, "client bytes"));
        Assert.Equal(answered, Bytes(lines, "server bytes"));
        Assert.Equal(
            Enumerable.Repeat("bad frame: the length is not a number (unexpected byte 0x78)", 2),
            lines.Where(line => line.TryGetProperty("because", out _)).Select(line => line.GetProperty("because").GetString()));
        Assert.Equal("capture", lines[^1].GetProperty("close").GetString());
    }

    [Fact]
    public async Task A_part_of_a_frame_does_not_wait_for_the_rest()
    {
        using var directory = new TemporaryDirectory();
        using var listener = Listen(directory["raw.sock"]);
        await using var session = CapturedSession.Start(directory["raw.sock"]);
        await using var client = await session.ConnectAsync();
        using var server = await listener.AcceptAsync().WaitAsync(Deadline.Default);
        foreach (var octet in WireFrame.Request("Echo", ("message", "a\r\nb")))
        {
            await client.SendBytesAsync(new[] { octet });
            Assert.Equal([octet], await ReceiveAsync(server, 1).WaitAsync(Deadline.Default));
        }

        var lines = await session.UntilAsync("the request", lines => lines.Count == 2);
        Assert.Equal("a\r\nb", lines[1].GetProperty("fields").GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "bad frame: the length is not a number (unexpected byte 0x47)")]
    [InlineData("6\r\n\b\u0001\u0012\u0002ab\r\n", "bad message: there is no request of type 1")]
    [InlineData("4\r\n\b\u000e\u0012\0\r\n", "bad message: the required field handle of InfoRequest is missing")]
    public async Task A_broken_frame_is_recorded_as_such_and_answered(string frame, string because)
    {
        await using var warden = await WardenEmulator.StartAsync();
        await using var session = CapturedSession.Start(warden.SocketPath);
        await using (var client = await session.ConnectAsync())
        {
            await client.SendAsync("Ping");
            await client.SendBytesAsync(Encoding.Latin1.GetBytes(frame));
            await client.ReadAsync("Ping");
            Assert.Equal(because, (await client.ReadAsync()).Error);
            await client.ExpectEndAsync();
        }

        var lines = await session.UntilAsync("the end", lines => lines[^1].TryGetProperty("close", out _));
        var broken = lines.Single(line => line.TryGetProperty("client bytes", out _));
        Assert.Equal(frame, broken.GetProperty("client bytes").GetString());
        Assert.Equal(because, broken.GetProperty("because").GetString());
        var error = lines.Single(line => line.TryGetProperty("error", out _));
        Assert.Equal(("Error", because), (error.GetProperty("then").GetString(), error.GetProperty("error").GetString()));
    }

    [Fact]
    public async Task A_client_that_vanishes_within_a_frame_is_gone_for_the_server_too()
    {
        using var directory = new TemporaryDirectory();
        using var listener = Listen(directory["raw.sock"]);
        await using var session = CapturedSession.Start(directory["raw.sock"]);
        await using var other = await session.ConnectAsync();
        using var otherServer = await listener.AcceptAsync().WaitAsync(Deadline.Default);
        var client = await session.ConnectAsync();
        using var server = await listener.AcceptAsync().WaitAsync(Deadline.Default);
        await client.SendBytesAsync("10\r\nhalf"u8.ToArray());
        Assert.Equal("10\r\nhalf", Encoding.Latin1.GetString(await ReceiveAsync(server, 8).WaitAsync(Deadline.Default)));
        await client.DisposeAsync();
        await Deadline.UntilAsync("the server's notice", () => Task.FromResult(Spec.Server.Connections.PeerProbe.IsGone(server)));

        var lines = await session.UntilAsync("the end", lines => lines.Count == 4);
        Assert.Equal("10\r\nhalf", lines[2].GetProperty("client bytes").GetString());
        Assert.Equal("bad frame: the connection ended within it", lines[2].GetProperty("because").GetString());
        Assert.Equal(("c2", "client"), (lines[3].GetProperty("on").GetString(), lines[3].GetProperty("close").GetString()));
        await other.SendBytesAsync(new byte[] { 1 });
        await ReceiveAsync(otherServer, 1).WaitAsync(Deadline.Default);
    }

    [Fact]
    public async Task A_client_that_sends_no_more_gets_the_answers_to_what_it_sent()
    {
        await using var warden = await WardenEmulator.StartAsync();
        await using var session = CapturedSession.Start(warden.SocketPath);
        await using var client = await session.ConnectAsync();
        await client.CallAsync("Create", ("handle", "h"));
        await client.SendAsync("Run", ("handle", "h"), ("script", "until [ -e /tmp/go ]; do sleep 0.01; done; echo late"));
        client.ShutdownSend();
        await session.UntilAsync("the end of what the client sends", lines => lines.Count == 5);
        await warden.Client.RunAsync("h", "touch /tmp/go");
        Assert.Equal("late\n", (await client.ReadAsync("Run")).Text("stdout"));
        await client.ExpectEndAsync();

        var lines = await session.UntilAsync("the end", lines => lines[^1].TryGetProperty("close", out _));
        Assert.Equal(
            ["open", "sent", "then", "sent", "end", "then", "close"],
            lines.Select(line => line.EnumerateObject().ElementAt(2).Name));
        Assert.Equal("server", lines[^1].GetProperty("close").GetString());
    }

    [Fact]
    public async Task A_server_that_closes_is_gone_for_the_client_too()
    {
        await using var server = new FakeServer(async request =>
        {
            await request.SendRawAsync("7\r\nha");
            request.Socket.Dispose();
        });
        await using var session = CapturedSession.Start(server.SocketPath);
        await using var client = await session.ConnectAsync();
        await client.SendAsync("Ping");
        await Assert.ThrowsAsync<WireFormatException>(() => client.ReadOrEndAsync());

        var lines = await session.UntilAsync("the end", lines => lines[^1].TryGetProperty("close", out _));
        Assert.Equal("7\r\nha", lines[^2].GetProperty("server bytes").GetString());
        Assert.Equal("server", lines[^1].GetProperty("close").GetString());
    }

    [Fact]
    public async Task A_server_that_is_not_there_takes_no_client()
    {
        using var directory = new TemporaryDirectory();
        await using var session = CapturedSession.Start(directory["nobody.sock"]);
        await using var client = await session.ConnectAsync();
        await client.ExpectEndAsync();
        var lines = await session.UntilAsync("the refusal", lines => lines.Count == 2);
        Assert.True(lines[1].TryGetProperty("refused", out _));
    }

    [Fact]
    public async Task Many_connections_pipeline_at_once()
    {
        await using var warden = await WardenEmulator.StartAsync();
        await using var session = CapturedSession.Start(warden.SocketPath);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async number =>
        {
            await using var client = await session.ConnectAsync();
            var sending = Task.Run(async () =>
            {
                for (var i = 0; i < 500; i++)
                {
                    await client.SendAsync("Echo", ("message", $"{number} {i}"));
                }
            });
            for (var i = 0; i < 500; i++)
            {
                Assert.Equal($"{number} {i}", (await client.ReadAsync("Echo")).Text("message"));
            }

            await sending;
        }));

        var lines = await session.UntilAsync("every end", lines => lines.Count(line => line.TryGetProperty("close", out _)) == 8);
        foreach (var connection in lines.GroupBy(line => line.GetProperty("on").GetString()))
        {
            var messages = connection.Where(line => line.TryGetProperty("response", out _))
                .Select(line => line.GetProperty("response").GetProperty("message").GetString()!.Split(' ')).ToList();
            Assert.Equal(Enumerable.Range(0, 500), messages.Select(message => int.Parse(message[1], CultureInfo.InvariantCulture)));
            Assert.Single(messages.Select(message => message[0]).Distinct());
        }
    }

    [Fact]
    public async Task A_request_in_an_encoding_of_its_own_keeps_it()
    {
        await using var warden = await WardenEmulator.StartAsync();
        await using var session = CapturedSession.Start(warden.SocketPath);
        await using var client = await session.ConnectAsync();

        // Field 15, which nobody knows, before the message.
        byte[] payload = [0x78, 0x01, 0x0a, 0x02, (byte)'h', (byte)'i'];
        await client.SendBytesAsync(WireFrame.Wrap(WireFrame.Envelope((int)Message.Types.Type.Echo, payload)));
        Assert.Equal("hi", (await client.ReadAsync("Echo")).Text("message"));

        var lines = await session.UntilAsync("the answer", lines => lines.Count == 3);
        Assert.Equal("hi", lines[1].GetProperty("fields").GetProperty("message").GetString());
        Assert.Equal(payload, lines[1].GetProperty("encoded").GetBytesFromBase64());
    }

    private static Socket Listen(string path)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        return listener;
    }

    private static async Task<byte[]> ReceiveAsync(Socket socket, int length)
    {
        var bytes = new byte[length];
        for (var at = 0; at < length;)
        {
            var received = await socket.ReceiveAsync(bytes.AsMemory(at), SocketFlags.None);
            Assert.True(received > 0, "the connection ended too early");
            at += received;
        }

        return bytes;
    }

    private static async Task<byte[]> SendAsync(Socket socket, byte[] bytes, Bogus.Randomizer random)
    {
        await Task.Yield();
        for (var at = 0; at < bytes.Length;)
        {
            int length;
            lock (random)
            {
                length = Math.Min(random.Int(1, 20_000), bytes.Length - at);
            }

            at += await socket.SendAsync(bytes.AsMemory(at, length), SocketFlags.None);
        }

        return bytes;
    }

    private static byte[] Bytes(IReadOnlyList<JsonElement> lines, string name) =>
    [
        .. lines.Where(line => line.TryGetProperty(name, out _)).SelectMany(line => Spec.Capture.TranscriptText.Read(line.GetProperty(name))),
    ];
}
