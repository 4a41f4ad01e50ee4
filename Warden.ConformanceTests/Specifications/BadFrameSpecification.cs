using System.Net.Sockets;
using System.Text;
using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Wire;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>Frames that cannot be parsed: one Error after the answers to what came before, then that connection is closed (§1).</summary>
public abstract class BadFrameSpecification(Target target) : Specification(target)
{
    public static TheoryData<string, string> RequiredFields
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var command in WireSchema.Types.Keys.Where(name => name != "Error"))
            {
                foreach (var required in WireSchema.Fields[command + "Request"].Where(candidate => candidate.Rule == 'r'))
                {
                    data.Add(command, required.Name);
                }
            }

            return data;
        }
    }

    [SkippableTheory]
    [Clause("WRD-BADFRAME-001")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("garbage\r\n")]
    [InlineData("\r\n")]
    [InlineData(" 4\r\n\u0008\u005b\u0012\0\r\n")]
    [InlineData("+4\r\n\u0008\u005b\u0012\0\r\n")]
    [InlineData("0x4\r\n\u0008\u005b\u0012\0\r\n")]
    [InlineData("\0\0\0\0")]
    public Task GarbageIsRefused(string text) => ExpectRefusalAsync(Encoding.Latin1.GetBytes(text));

    [SkippableFact]
    [Clause("WRD-BADFRAME-002")]
    public Task ALengthAboveTheLimitIsRefusedAtOnce() => ExpectRefusalAsync("67108865\r\n"u8.ToArray());

    [SkippableFact]
    [Clause("WRD-BADFRAME-003")]
    public Task ALengthOfTenDigitsIsRefused() => ExpectRefusalAsync("1234567890\r\n"u8.ToArray());

    [SkippableFact]
    [Clause("WRD-BADFRAME-003")]
    public Task DigitsWithoutEndAreRefused() => ExpectRefusalAsync("11111111111111111111111111111111"u8.ToArray());

    [SkippableFact]
    [Clause("WRD-BADFRAME-004")]
    public Task ANegativeLengthIsRefused() => ExpectRefusalAsync("-4\r\n\x08\x5b\x12\0\r\n"u8.ToArray());

    [SkippableTheory]
    [Clause("WRD-BADFRAME-005")]
    [InlineData("4\n\u0008\u005b\u0012\0\r\n")]
    [InlineData("4\rx\u0008\u005b\u0012\0\r\n")]
    [InlineData("4 \r\n\u0008\u005b\u0012\0\r\n")]
    public Task ALengthWithoutItsLineEndIsRefused(string text) => ExpectRefusalAsync(Encoding.Latin1.GetBytes(text));

    [SkippableTheory]
    [Clause("WRD-BADFRAME-006")]
    [InlineData("4\r\n\u0008\u005b\u0012\0\n\n")]
    [InlineData("4\r\n\u0008\u005b\u0012\0\rx")]
    [InlineData("4\r\n\u0008\u005b\u0012\0xx")]
    public Task APayloadWithoutItsLineEndIsRefused(string text) => ExpectRefusalAsync(Encoding.Latin1.GetBytes(text));

    [SkippableTheory]
    [Clause("WRD-BADFRAME-007")]
    [InlineData("FFFFFFFF")]
    [InlineData("085B12")]
    [InlineData("085B120561")]
    [InlineData("08FFFFFFFFFFFFFFFFFFFFFF01")]
    public Task AnEnvelopeThatCannotBeDecodedIsRefused(string payload) =>
        ExpectRefusalAsync(WireFrame.Wrap(Convert.FromHexString(payload)));

    [SkippableTheory]
    [Clause("WRD-BADFRAME-008")]
    [InlineData("1AFF")]
    [InlineData("10")]
    [InlineData("0A020A50")]
    public Task ARequestThatCannotBeDecodedIsRefused(string payload) =>
        ExpectRefusalAsync(WireFrame.Wrap(WireFrame.Envelope(WireSchema.Types["Create"], Convert.FromHexString(payload))));

    [SkippableTheory]
    [Clause("WRD-BADFRAME-009")]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(15)]
    [InlineData(94)]
    [InlineData(100000)]
    public Task AnUnknownTypeIsRefused(int type) => ExpectRefusalAsync(WireFrame.Wrap(WireFrame.Envelope(type, [])));

    [SkippableFact]
    [Clause("WRD-BADFRAME-016")]
    public Task AnErrorIsNoRequest() => ExpectRefusalAsync(WireFrame.Wrap(WireFrame.Envelope(WireSchema.Types["Error"], [])));

    [SkippableTheory]
    [MemberData(nameof(RequiredFields))]
    [Clause("WRD-BADFRAME-010")]
    public async Task AMissingRequiredFieldIsRefused(string command, string field)
    {
        var message = new WireMessage(command + "Request");
        foreach (var other in message.Schema.Where(other => other.Rule == 'r' && other.Name != field))
        {
            message.Add(other.Name, other.IsText ? "x" : 1);
        }

        var error = await ExpectRefusalAsync(WireFrame.Message(WireSchema.Types[command], message));
        Assert.Contains(field, error, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [Clause("WRD-BADFRAME-015")]
    [InlineData("src_path")]
    [InlineData("dst_path")]
    [InlineData("mode")]
    public async Task AMissingRequiredFieldOfANestedMessageIsRefused(string field)
    {
        var mount = new WireMessage("BindMount");
        foreach (var other in mount.Schema.Where(other => other.Name != field))
        {
            mount.Add(other.Name, other.IsText ? "/tmp" : 0);
        }

        await ExpectRefusalAsync(WireFrame.Request("Create", ("bind_mounts", mount)));
    }

    [SkippableTheory]
    [Clause("WRD-BADFRAME-014")]
    [InlineData("")]
    [InlineData("085B")]
    [InlineData("1200")]
    public Task AnEnvelopeWithoutTypeOrPayloadIsRefused(string payload) =>
        ExpectRefusalAsync(WireFrame.Wrap(Convert.FromHexString(payload)));

    [SkippableFact]
    [Clause("WRD-BADFRAME-011")]
    public async Task TheErrorComesAfterTheAnswersBeforeIt()
    {
        var (_, handle) = await ConnectAndCreateAsync();
        var connection = await ConnectAsync();
        await connection.SendBytesAsync((byte[])
        [
            .. WireFrame.Request("Run", ("handle", handle), ("script", "sleep 0.2; echo first")),
            .. WireFrame.Request("Ping"),
            .. "nonsense\r\n"u8,
        ]);

        Assert.Equal("first\n", (await connection.ReadAsync("Run")).Text("stdout"));
        await connection.ReadAsync("Ping");
        Assert.True((await connection.ReadAsync()).IsError);
        await connection.ExpectEndAsync();
    }

    [SkippableFact]
    [Clause("WRD-BADFRAME-012")]
    public async Task AFrameThatIsCutOffIsDropped()
    {
        var frame = WireFrame.Request("Create", ("handle", $"cut-{Faker.Random.AlphaNumeric(12)}"));
        var observer = await ConnectAsync();
        var connection = await ConnectAsync();
        await connection.SendBytesAsync(frame.AsMemory(0, frame.Length - 3));
        connection.ShutdownSend();

        if (await connection.ReadOrEndAsync() is { } reply)
        {
            Assert.True(reply.IsError);
            await connection.ExpectEndAsync();
        }

        Assert.DoesNotContain((await observer.CallAsync("List")).Texts("handles"), handle => handle.StartsWith("cut-", StringComparison.Ordinal));
    }

    [SkippableFact]
    [Clause("WRD-BADFRAME-013")]
    public async Task ABadFrameAffectsNoOtherConnectionAndNoContainer()
    {
        var (other, handle) = await ConnectAndCreateAsync(("grace_time", 300));
        await ExpectRefusalAsync("bad\r\n"u8.ToArray());

        Assert.Contains(handle, (await other.CallAsync("List")).Texts("handles"));
        Assert.Equal("alive\n", await OutputAsync(other, handle, "echo alive"));
    }

    [SkippableFact]
    [Clause("WRD-FRAME-016")]
    public async Task RandomFramesHarmNobody()
    {
        var (other, handle) = await ConnectAndCreateAsync(("grace_time", 300));
        for (var round = 0; round < 150; round++)
        {
            await using var connection = await Server.ConnectAsync();
            try
            {
                await connection.SendBytesAsync(RandomFrame());
                connection.ShutdownSend();
                while (await connection.ReadOrEndAsync() is not null)
                {
                    // Whatever is answered is a well-formed frame: the reader judges it.
                }
            }
            catch (SocketException)
            {
                // The server may close while there is more to send.
            }
        }

        Assert.Equal("alive\n", await OutputAsync(other, handle, "echo alive"));
        await other.CallAsync("Ping");
    }

    private byte[] RandomFrame()
    {
        string[] harmless = ["Ping", "List", "Echo", "Info", "Link", "Stream", "NetIn", "LimitCpu", "CopyIn"];
        var payload = Faker.Random.Bytes(Faker.Random.Int(0, 60));
        switch (Faker.Random.Int(0, 3))
        {
            case 0:
                return payload;
            case 1:
                return WireFrame.Wrap(payload);
            case 2:
                return WireFrame.Wrap(WireFrame.Envelope(WireSchema.Types[Faker.PickRandom(harmless)], payload));
            default:
                var frame = WireFrame.Request("Echo", ("message", payload));
                frame[Faker.Random.Int(0, frame.Length - 1)] ^= (byte)(1 << Faker.Random.Int(0, 7));
                return frame;
        }
    }

    /// <summary>Sends a good request and bad bytes: the answer to the first, one Error, the connection's end.</summary>
    private async Task<string> ExpectRefusalAsync(byte[] bytes)
    {
        var connection = await ConnectAsync();
        await connection.SendBytesAsync((byte[])[.. WireFrame.Request("Ping"), .. bytes]);
        await connection.ReadAsync("Ping");
        var reply = await connection.ReadAsync();

        Assert.True(reply.IsError, $"{reply.Message}");
        Assert.NotEqual("", reply.Error);
        await connection.ExpectEndAsync();
        return reply.Error;
    }
}
