using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Wire;
using Warden.Spec.Capture;
using Warden.Spec.Capture.Replay;
using Warden.Spec.Commands;
using Xunit;

namespace Warden.ConformanceTests.Units.Capture;

public sealed class TranscriptTests
{
    [Fact]
    public void What_is_written_of_a_request_is_read_back_whole()
    {
        var faker = Seed.For(nameof(What_is_written_of_a_request_is_read_back_whole));
        foreach (var row in CommandCatalogue.Rows)
        {
            for (var i = 0; i < 20; i++)
            {
                var message = Fill(row.Request, faker);
                using var document = JsonDocument.Parse(TranscriptFields.ToText(message));
                Assert.Equal(message, new RequestReader(new LearntNames()).Read(row.Request, document.RootElement));
            }
        }
    }

    [Theory]
    [InlineData("hi", "\"hi\"")]
    [InlineData("é\n\"中\"", "\"é\\n\\\"中\\\"\"")]
    [InlineData("present", "{\"base64\":\"cHJlc2VudA==\"}")]
    [InlineData("$H1", "{\"base64\":\"JEgx\"}")]
    [InlineData("$h1", "\"$h1\"")]
    [InlineData("echo $H1", "\"echo $H1\"")]
    public void A_text_that_could_be_a_mark_is_encoded(string text, string json)
    {
        Assert.Equal(json, TranscriptFields.ToText(Encoding.UTF8.GetBytes(text)));
        using var document = JsonDocument.Parse(json);
        Assert.Equal(text, Encoding.UTF8.GetString(TranscriptText.Read(document.RootElement)));
    }

    [Theory]
    [InlineData("10.0.0.1 and 10.0.0.12, 110.0.0.1", "10.9.9.9 and 10.0.0.12, 110.0.0.1")]
    [InlineData("w-abcd-0:abcd", "w-wxyz-0:wxyz")]
    [InlineData("abcde xabcd abcd", "abcde xabcd wxyz")]
    [InlineData("wxyz", "abcd")]
    [InlineData("/depot/abcd/tmp", "/other/wxyz/tmp")]
    [InlineData("", "")]
    public void A_name_is_replaced_where_it_stands_alone(string text, string replaced) =>
        Assert.Equal(replaced, Encoding.UTF8.GetString(Replacer().Replace(Encoding.UTF8.GetBytes(text))));

    [Fact]
    public void Names_are_replaced_alike_however_the_text_is_cut()
    {
        var faker = Seed.For(nameof(Names_are_replaced_alike_however_the_text_is_cut));
        var replacer = Replacer();
        for (var i = 0; i < 2000; i++)
        {
            var text = Encoding.UTF8.GetBytes(string.Concat(faker.Make(
                faker.Random.Int(0, 6), () => faker.PickRandom("abcd", "abc", "wxyz", "10.0.0.1", "/depot/abcd", "/depot", "/", ".", " ", "1", "x"))));
            var replaced = new List<byte>();
            var rest = new List<byte>();
            byte? previous = null;
            for (var at = 0; at < text.Length;)
            {
                var length = faker.Random.Int(1, text.Length - at);
                rest.AddRange(text.AsSpan(at, length));
                at += length;
                Take(isLast: false);
            }

            Take(isLast: true);
            Assert.Empty(rest);
            Assert.Equal(Encoding.UTF8.GetString(replacer.Replace(text)), Encoding.UTF8.GetString([.. replaced]));

            void Take(bool isLast)
            {
                var bytes = rest.ToArray();
                replaced.AddRange(replacer.Replace(bytes, previous, isLast, out var taken));
                previous = taken > 0 ? bytes[taken - 1] : previous;
                rest.RemoveRange(0, taken);
            }
        }
    }

    [Fact]
    public void Frames_torn_at_any_byte_are_found_whole()
    {
        byte[] wire = [.. WireFrame.Request("Ping"), .. WireFrame.Request("Echo", ("message", "a\r\nb")), .. "x1\r\n"u8];
        for (var cut = 1; cut < wire.Length; cut++)
        {
            var frames = new FrameSplitter();
            var bytes = new List<byte>();
            var kinds = new List<bool>();
            foreach (var part in new[] { wire[..cut], wire[cut..] })
            {
                frames.Append(part);
                while (frames.TryTake(out var piece))
                {
                    bytes.AddRange(piece.Bytes.Span);
                    kinds.Add(piece.Payload is not null);
                }
            }

            Assert.False(frames.TryTakeRest(out _));
            Assert.Equal(wire, bytes);
            Assert.Equal([true, true, false], kinds.Take(3));
        }
    }

    private static TextReplacer Replacer()
    {
        var replacer = new TextReplacer();
        foreach (var (name, now) in new[] { ("abcd", "wxyz"), ("wxyz", "abcd"), ("10.0.0.1", "10.9.9.9"), ("/depot/abcd", "/other/wxyz"), ("1", "no") })
        {
            replacer.Add(ByteString.CopyFromUtf8(name), ByteString.CopyFromUtf8(now));
        }

        return replacer;
    }

    private static IMessage Fill(MessageDescriptor type, Bogus.Faker faker)
    {
        var message = type.Parser.ParseFrom([]);
        foreach (var field in type.Fields.InFieldNumberOrder().Where(_ => faker.Random.Bool()))
        {
            if (field.IsRepeated)
            {
                ((System.Collections.IList)field.Accessor.GetValue(message)).Add(Value(field, faker));
            }
            else
            {
                field.Accessor.SetValue(message, Value(field, faker));
            }
        }

        return message;
    }

    private static object Value(FieldDescriptor field, Bogus.Faker faker) => field.FieldType switch
    {
        FieldType.Message => Fill(field.MessageType, faker),
        FieldType.Bytes => faker.Random.Bool() ? ByteString.CopyFrom(faker.Random.Bytes(5)) : ByteString.CopyFromUtf8(faker.PickRandom("present", "$H1", "(any)", "é\0")),
        FieldType.String => faker.PickRandom("present", "$H1", "10.0.0.1", "é\t"),
        FieldType.UInt32 => faker.Random.UInt(),
        FieldType.UInt64 => faker.Random.ULong(),
        FieldType.Int32 => faker.Random.Int(),
        FieldType.Bool => faker.Random.Bool(),
        FieldType.Enum => faker.PickRandom<EnumValueDescriptor>(field.EnumType.Values).Number,
        _ => throw new NotSupportedException($"{field.FieldType}"),
    };
}
