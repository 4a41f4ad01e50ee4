using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Wire;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>Frames, their order, and many connections (§1).</summary>
public abstract class FramingSpecification(Target target) : Specification(target)
{
    [SkippableFact]
    [Clause("WRD-FRAME-001")]
    [Clause("WRD-FRAME-002")]
    [Clause("WRD-PING-001")]
    public async Task PingIsAnsweredByOneFrameOfTheReference()
    {
        var connection = await ConnectAsync();
        var frame = "4\r\n\x08\x5b\x12\0\r\n"u8.ToArray();
        await connection.SendBytesAsync(frame);
        connection.ShutdownSend();

        Assert.Equal(frame, await ReadToEndAsync(connection));
    }

    [SkippableFact]
    [Clause("WRD-PING-002")]
    public async Task EchoReturnsTheMessage()
    {
        var connection = await ConnectAsync();
        foreach (var text in (string[])["", "hello", "é中", new string('x', 70000)])
        {
            Assert.Equal(text, (await connection.CallAsync("Echo", ("message", text))).Text("message"));
        }
    }

    [SkippableFact]
    [Clause("WRD-FRAME-003")]
    public async Task ATornRequestIsAnswered()
    {
        var connection = await ConnectAsync();
        foreach (var octet in WireFrame.Request("Echo", ("message", "torn")))
        {
            await connection.SendBytesAsync(new[] { octet });
        }

        Assert.Equal("torn", (await connection.ReadAsync("Echo")).Text("message"));
    }

    [SkippableFact]
    [Clause("WRD-FRAME-003")]
    public async Task RequestsTornAnywhereAreAnswered()
    {
        var connection = await ConnectAsync();
        var texts = Enumerable.Range(0, 50).Select(_ => Faker.Random.String2(0, 300)).ToList();
        var bytes = texts.SelectMany(text => WireFrame.Request("Echo", ("message", text))).ToArray();
        for (var start = 0; start < bytes.Length;)
        {
            var count = Math.Min(Faker.Random.Int(1, 200), bytes.Length - start);
            await connection.SendBytesAsync(bytes.AsMemory(start, count));
            start += count;
        }

        foreach (var text in texts)
        {
            Assert.Equal(text, (await connection.ReadAsync("Echo")).Text("message"));
        }
    }

    [SkippableFact]
    [Clause("WRD-FRAME-004")]
    public async Task PipelinedRequestsAreAnsweredInOrder()
    {
        var connection = await ConnectAsync();
        var all = Enumerable.Range(0, 1000).SelectMany(number => WireFrame.Request("Echo", ("message", $"{number}"))).ToArray();
        var sending = connection.SendBytesAsync(all);
        for (var number = 0; number < 1000; number++)
        {
            Assert.Equal($"{number}", (await connection.ReadAsync("Echo")).Text("message"));
        }

        await sending;
    }

    [SkippableFact]
    [Clause("WRD-FRAME-005")]
    [Clause("WRD-FRAME-006")]
    public async Task ARequestWaitsForTheOneBeforeItAndForNoOtherConnections()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var other = await ConnectAsync();
        await connection.SendAsync("Run", ("handle", handle), ("script", "while ! test -e /tmp/go; do sleep 0.02; done; echo slow"));
        await connection.SendAsync("Echo", ("message", "after"));
        await other.CallAsync("Ping");
        Assert.Equal(0, connection.Socket.Available);
        await RunAsync(other, handle, "touch /tmp/go");

        Assert.Equal("slow\n", (await connection.ReadAsync("Run")).Text("stdout"));
        Assert.Equal("after", (await connection.ReadAsync("Echo")).Text("message"));
    }

    [SkippableFact]
    [Clause("WRD-FRAME-007")]
    public async Task AHalfClosedConnectionGetsItsAnswers()
    {
        var (_, handle) = await ConnectAndCreateAsync();
        var connection = await ConnectAsync();
        await connection.SendAsync("Run", ("handle", handle), ("script", "sleep 0.2; echo late; exit 3"));
        await connection.SendAsync("Ping");
        connection.ShutdownSend();

        Assert.Equal(3UL, (await connection.ReadAsync("Run")).Number("exit_status"));
        await connection.ReadAsync("Ping");
        await connection.ExpectEndAsync();
    }

    [SkippableFact]
    [Clause("WRD-FRAME-008")]
    [Clause("WRD-VALUE-008")]
    public async Task AnErrorLeavesTheConnectionUsable()
    {
        var connection = await ConnectAsync();
        await connection.SendAsync("Info", ("handle", "nobody-has-this"));
        var reply = await connection.ReadAsync();

        Assert.True(reply.IsError);
        Assert.DoesNotContain("   at ", reply.Error, StringComparison.Ordinal);
        Assert.Empty(reply.Message.Texts("backtrace"));
        await connection.CallAsync("Ping");
    }

    [SkippableFact]
    [Clause("WRD-FRAME-009")]
    public async Task UnknownFieldsAreIgnored()
    {
        var connection = await ConnectAsync();
        byte[] unknown = [0xA0, 0x06, 0x07, 0xAA, 0x06, 0x02, (byte)'h', (byte)'i', 0xB1, 0x06, 1, 2, 3, 4, 5, 6, 7, 8, 0xBD, 0x06, 1, 2, 3, 4];
        await connection.SendBytesAsync(WireFrame.Wrap(WireFrame.Envelope(WireSchema.Types["Ping"], unknown)));
        await connection.ReadAsync("Ping");

        var create = WireCodec.Encode(new WireMessage("CreateRequest", ("grace_time", 60))).Concat(unknown).ToArray();
        await connection.SendBytesAsync(WireFrame.Wrap(WireFrame.Envelope(WireSchema.Types["Create"], create)));
        Track((await connection.ReadAsync("Create")).Text("handle"));
    }

    [SkippableFact]
    [Clause("WRD-FRAME-012")]
    public async Task TwoHundredConnectionsAreServedAtOnce()
    {
        var connections = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => ConnectAsync()));
        await Task.WhenAll(connections.Select((connection, index) => connection.SendAsync("Echo", ("message", $"{index}"))));

        for (var index = 0; index < connections.Length; index++)
        {
            Assert.Equal($"{index}", (await connections[index].ReadAsync("Echo")).Text("message"));
        }
    }

    [SkippableFact]
    [Clause("WRD-FRAME-013")]
    public async Task ClientsThatGoAwayInsideAFrameHarmNobody()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var frame = WireFrame.Request("Run", ("handle", handle), ("script", "touch /tmp/ran"));
        for (var cut = 1; cut < frame.Length; cut += 3)
        {
            await using var leaving = await Server.ConnectAsync();
            await leaving.SendBytesAsync(frame.AsMemory(0, cut));
        }

        Assert.Equal("no\n", await OutputAsync(connection, handle, "test -e /tmp/ran && echo yes || echo no"));
    }

    [SkippableFact]
    [Clause("WRD-FRAME-017")]
    public async Task ClientsThatGoAwayWhileTheirRequestIsInWorkHarmNobody()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        for (var count = 0; count < 5; count++)
        {
            await using var leaving = await Server.ConnectAsync();
            await leaving.SendAsync(
                "Run", ("handle", handle), ("script", $"touch /tmp/begun{count}; while ! test -e /tmp/go; do sleep 0.02; done; echo x >> /tmp/done"));
            await FileAppearsAsync(connection, handle, $"/tmp/begun{count}");
        }

        await OutputAsync(connection, handle, "touch /tmp/go");
        await Deadline.UntilAsync("all five jobs end", async () =>
            (await RunAsync(connection, handle, "wc -l < /tmp/done 2>/dev/null")).Output == "5\n");
    }

    [SkippableFact]
    [Clause("WRD-FRAME-015")]
    public async Task ALargeRequestIsAccepted()
    {
        var connection = await ConnectAsync();
        var data = Faker.Random.Bytes(8 << 20);

        Assert.Equal(data, (await connection.CallAsync("Echo", ("message", data))).Bytes("message"));
    }

    [SkippableFact]
    [Clause("WRD-VALUE-007")]
    public async Task EchoReturnsEveryByte()
    {
        var connection = await ConnectAsync();
        byte[] all = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];

        Assert.Equal(all, (await connection.CallAsync("Echo", ("message", all))).Bytes("message"));
    }

    private static async Task<byte[]> ReadToEndAsync(WireConnection connection)
    {
        using var all = new MemoryStream();
        using var deadline = new CancellationTokenSource(Deadline.Default);
        var buffer = new byte[4096];

        // The socket itself: a NetworkStream wants one whose sending side is open.
        while (await connection.Socket.ReceiveAsync(buffer, deadline.Token) is > 0 and var count)
        {
            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }
}
