using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Google.Protobuf;
using Warden.Spec.Protocol;
using Xunit;

namespace Warden.ConformanceTests.Units.Protocol;

public sealed class FramingTests
{
    [Fact]
    public async Task What_is_written_is_read_back_whole()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var large = ByteString.CopyFrom(Enumerable.Range(0, 300_000).Select(i => (byte)i).ToArray());
        foreach (var message in new[] { ByteString.Empty, ByteString.CopyFromUtf8("hello"), large })
        {
            FrameWriter.Write(pipe.Writer, Message.Types.Type.Echo, new EchoRequest { Message = message });
        }

        await pipe.Writer.CompleteAsync();
        var reader = new FrameReader(pipe.Reader, FrameReader.DefaultLimit);
        foreach (var expected in new[] { ByteString.Empty, ByteString.CopyFromUtf8("hello"), large })
        {
            var frame = await reader.ReadAsync();
            Assert.Equal((int)Message.Types.Type.Echo, frame!.Value.Type);
            Assert.Equal(expected, EchoRequest.Parser.ParseFrom(frame.Value.Payload).Message);
        }

        Assert.Null(await reader.ReadAsync());
        Assert.Null(await reader.ReadAsync());
    }

    [Fact]
    public async Task Frames_torn_at_any_byte_are_read_whole()
    {
        var wire = Wire(new PingRequest(), new EchoRequest { Message = ByteString.CopyFromUtf8("a\r\nb") }, new ListRequest());
        for (var cut = 1; cut < wire.Length; cut++)
        {
            var pipe = new Pipe();
            var reader = new FrameReader(pipe.Reader, 1000);
            var types = new List<int>();
            await pipe.Writer.WriteAsync(wire.AsMemory(0, cut));
            while (reader.TryRead(out var frame))
            {
                types.Add(frame.Type);
            }

            reader.Release();
            await pipe.Writer.WriteAsync(wire.AsMemory(cut));
            await pipe.Writer.CompleteAsync();
            while (await reader.ReadAsync() is { } frame)
            {
                types.Add(frame.Type);
            }

            Assert.True(types is [91, 93, 92], $"cut at {cut}: {string.Join(' ', types)}");
        }
    }

    [Theory]
    [InlineData("\r\n", "bad frame: the length is empty")]
    [InlineData("-", "bad frame: the length is not a number (unexpected byte 0x2d)")]
    [InlineData("+5\r\n", "bad frame: the length is not a number (unexpected byte 0x2b)")]
    [InlineData(" 5", "bad frame: the length is not a number (unexpected byte 0x20)")]
    [InlineData("5 ", "bad frame: the length is not a number (unexpected byte 0x20)")]
    [InlineData("5\n", "bad frame: the length does not end with CR LF")]
    [InlineData("5\rx", "bad frame: the length does not end with CR LF")]
    [InlineData("07", "bad frame: the length has a leading zero")]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "bad frame: the length is not a number (unexpected byte 0x47)")]
    [InlineData("4294967296\r\n", "bad frame: its length of 4294967296 bytes is over the limit of 100 bytes")]
    [InlineData("101\r", "bad frame: its length of 101 bytes is over the limit of 100 bytes")]
    [InlineData("99999999999999999999", "bad frame: the length has too many digits, at most 100 bytes are accepted")]
    [InlineData("2\r\nab\n", "bad frame: the payload is not followed by CR LF")]
    [InlineData("2\r\nab\rx", "bad frame: the payload is not followed by CR LF")]
    [InlineData("0\r\n\r\n", "bad message: the required field type is missing")]
    [InlineData("2\r\n\b[\r\n", "bad message: the required field payload is missing")]
    [InlineData("2\r\n\u0012\0\r\n", "bad message: the required field type is missing")]
    [InlineData("1\r\n\0\r\n", "bad message: its payload cannot be decoded")]
    [InlineData("4\r\n\b[\u0012\u0005\r\n", "bad message: its payload cannot be decoded")]
    public async Task Bad_frames_are_refused_at_the_first_byte_that_shows_it(string wire, string message)
    {
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(Encoding.Latin1.GetBytes(wire));
        var reader = new FrameReader(pipe.Reader, 100);
        var failure = Assert.Throws<FrameException>(() => reader.TryRead(out _));
        Assert.Equal(message, failure.Message);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("10\r\n")]
    [InlineData("10\r\nabc")]
    [InlineData("2\r\nab\r")]
    public async Task A_stream_that_ends_within_a_frame_is_refused_once(string wire)
    {
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(Encoding.Latin1.GetBytes(wire));
        await pipe.Writer.CompleteAsync();
        var reader = new FrameReader(pipe.Reader, 100);
        var failure = await Assert.ThrowsAsync<FrameException>(async () => await reader.ReadAsync());
        Assert.Equal("bad frame: the connection ended within it", failure.Message);
        Assert.Null(await reader.ReadAsync());
    }

    [Fact]
    public void An_envelope_follows_the_rules_of_protobuf()
    {
        // An unknown varint, fixed64, group (with a nested group), bytes and fixed32; the fields out of order; the last value wins.
        byte[] bytes =
        [
            0x18, 0x01, 0x21, 1, 2, 3, 4, 5, 6, 7, 8, 0x2b, 0x33, 0x34, 0x30, 0x01, 0x2c, 0x3a, 0x01, 0xff, 0x45, 1, 2, 3, 4,
            0x12, 0x01, 0x61, 0x08, 0x01, 0x12, 0x01, 0x62, 0x08, 0x5d,
        ];
        var frame = MessageEnvelope.Parse(new ReadOnlySequence<byte>(bytes));
        Assert.Equal(93, frame.Type);
        Assert.Equal("b"u8.ToArray(), frame.Payload.ToArray());
        var generated = Message.Parser.ParseFrom(bytes);
        Assert.Equal((int)generated.Type, frame.Type);
    }

    private static byte[] Wire(params IMessage[] messages)
    {
        var buffer = new ArrayBufferWriter<byte>();
        foreach (var message in messages)
        {
            var type = Enum.Parse<Message.Types.Type>(message.Descriptor.Name.Replace("Request", "", StringComparison.Ordinal));
            FrameWriter.Write(buffer, type, message);
        }

        return buffer.WrittenSpan.ToArray();
    }
}
