using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Bogus;
using Google.Protobuf;
using Warden.Spec.Protocol;
using Xunit;
using Xunit.Abstractions;

namespace Warden.ConformanceTests.Units.Protocol;

/// <summary>Random bytes, each run with a seed of its own that a failure prints.</summary>
public sealed class FramingFuzzTests(ITestOutputHelper output)
{
    private const int Rounds = 3000;

    [Fact]
    public void The_envelope_is_read_as_the_generated_class_reads_it()
    {
        foreach (var (random, seed) in Seeds())
        {
            var bytes = Mutated(random, Envelope(random));
            var expected = Try(() =>
            {
                var message = Message.Parser.ParseFrom(bytes);
                return message is { HasType: true, HasPayload: true }
                    ? $"{(int)message.Type} {Convert.ToHexString(message.Payload.Span)}" : null;
            });
            var actual = Try(() =>
            {
                var frame = MessageEnvelope.Parse(Segmented(random, bytes));
                return $"{frame.Type} {Convert.ToHexString(frame.Payload.ToArray())}";
            });
            Assert.True(expected == actual, $"seed {seed}: {Convert.ToHexString(bytes)}: {expected} != {actual}");
        }
    }

    [Fact]
    public async Task Whatever_arrives_gives_the_same_frames_and_at_most_one_refusal_however_it_is_cut()
    {
        foreach (var (random, seed) in Seeds())
        {
            var wire = new ArrayBufferWriter<byte>();
            var count = random.Int(1, 5);
            for (var i = 0; i < count; i++)
            {
                FrameWriter.Write(wire, Message.Types.Type.Echo, new EchoRequest { Message = ByteString.CopyFrom(random.Bytes(random.Int(0, 40))) });
            }

            var bytes = random.Bool() ? wire.WrittenSpan.ToArray() : Mutated(random, wire.WrittenSpan.ToArray());
            var whole = await ReadAllAsync([bytes]);
            var cut = await ReadAllAsync(Cut(random, bytes));
            Assert.True(whole == cut, $"seed {seed}: {Convert.ToHexString(bytes)}: {whole} != {cut}");
        }
    }

    private IEnumerable<(Randomizer Random, int Seed)> Seeds()
    {
        var first = Random.Shared.Next();
        output.WriteLine($"first seed: {first}");
        for (var i = 0; i < Rounds; i++)
        {
            yield return (new Randomizer(first + i), first + i);
        }
    }

    private static async Task<string> ReadAllAsync(IEnumerable<byte[]> parts)
    {
        var pipe = new Pipe();
        var reader = new FrameReader(pipe.Reader, 1000);
        var seen = new StringBuilder();
        try
        {
            foreach (var part in parts)
            {
                await pipe.Writer.WriteAsync(part);
                while (reader.TryRead(out var frame))
                {
                    Note(seen, frame);
                }

                // What was found too short is read again with what follows.
                reader.Release();
            }

            await pipe.Writer.CompleteAsync();
            while (await reader.ReadAsync() is { } frame)
            {
                Note(seen, frame);
            }
        }
        catch (FrameException e)
        {
            seen.Append(e.Message);
        }

        return seen.ToString();
    }

    private static void Note(StringBuilder seen, Frame frame) =>
        seen.Append(CultureInfo.InvariantCulture, $"{frame.Type}:{Convert.ToHexString(frame.Payload.ToArray())} ");

    private static string? Try(Func<string?> parse)
    {
        try
        {
            return parse();
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or FrameException)
        {
            return null;
        }
    }

    private static byte[] Envelope(Randomizer random)
    {
        var buffer = new MemoryStream();
        var output = new CodedOutputStream(buffer);
        for (var i = random.Int(1, 6); i > 0; i--)
        {
            var number = random.Int(1, 4);
            var wireType = random.ArrayElement([0, 0, 2, 2, 2, 1, 5, 3]);
            output.WriteTag((uint)((number << 3) | wireType));
            switch (wireType)
            {
                case 0:
                    output.WriteUInt64(random.ULong() >> random.Int(0, 63));
                    break;
                case 1:
                    output.WriteFixed64(random.ULong());
                    break;
                case 2:
                    output.WriteBytes(ByteString.CopyFrom(random.Bytes(random.Int(0, 5))));
                    break;
                case 3:
                    output.WriteTag((uint)((5 << 3) | 0));
                    output.WriteUInt64(1);
                    output.WriteTag((uint)((number << 3) | 4));
                    break;
                default:
                    output.WriteFixed32(random.UInt());
                    break;
            }
        }

        output.Flush();
        return buffer.ToArray();
    }

    private static byte[] Mutated(Randomizer random, byte[] bytes)
    {
        for (var i = random.Int(0, 3); i > 0 && bytes.Length > 0; i--)
        {
            var at = random.Int(0, bytes.Length - 1);
            bytes = random.Int(0, 2) switch
            {
                0 => [.. bytes[..at], .. bytes[(at + 1)..]],
                1 => [.. bytes[..at], random.Byte(), .. bytes[at..]],
                _ => [.. bytes[..at], (byte)(bytes[at] ^ (1 << random.Int(0, 7))), .. bytes[(at + 1)..]],
            };
        }

        return bytes;
    }

    private static List<byte[]> Cut(Randomizer random, byte[] bytes)
    {
        var parts = new List<byte[]>();
        for (var at = 0; at < bytes.Length;)
        {
            var length = Math.Min(random.Int(1, 20), bytes.Length - at);
            parts.Add(bytes[at..(at + length)]);
            at += length;
        }

        return parts;
    }

    private static ReadOnlySequence<byte> Segmented(Randomizer random, byte[] bytes)
    {
        Segment? first = null, last = null;
        foreach (var part in Cut(random, bytes))
        {
            last = new Segment(part, last);
            first ??= last;
        }

        return first is null ? default : new ReadOnlySequence<byte>(first, 0, last!, last!.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] bytes, Segment? previous)
        {
            Memory = bytes;
            if (previous is not null)
            {
                RunningIndex = previous.RunningIndex + previous.Memory.Length;
                previous.Next = this;
            }
        }
    }
}
