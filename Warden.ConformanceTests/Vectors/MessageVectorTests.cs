using System.Collections;
using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Warden.ConformanceTests.Wire;
using Warden.Spec.Protocol;
using Xunit;

namespace Warden.ConformanceTests.Vectors;

/// <summary>Every message that the Ruby client made, both ways, through the types of Warden.Spec and through the suite's own codec.</summary>
public sealed class MessageVectorTests
{
    private static readonly Dictionary<string, MessageDescriptor> Descriptors = typeof(Message).Assembly.GetTypes()
        .Where(type => type.IsAssignableTo(typeof(IMessage)))
        .Select(type => (MessageDescriptor)type.GetProperty("Descriptor")!.GetValue(null)!)
        .ToDictionary(descriptor => descriptor.Name);

    [Fact]
    public void ThereAre159() => Assert.Equal(159, MessageVector.All.Count);

    [Fact]
    [Clause("WRD-MSG-001")]
    public void TheirPayloadsDecodeToTheirFields() => Assert.All(MessageVector.All, vector =>
        ExpectFields(Descriptors[vector.Message].Parser.ParseFrom(vector.Payload), vector.Fields));

    [Fact]
    [Clause("WRD-MSG-002")]
    public void TheirFieldsEncodeToTheirPayloads() => Assert.All(MessageVector.All, vector =>
        Assert.Equal(vector.Payload, Build(Descriptors[vector.Message], vector.Fields).ToByteArray()));

    [Fact]
    [Clause("WRD-MSG-003")]
    public void TheirFramesCarryTheEnvelopeOfTheirType() => Assert.All(MessageVector.All, vector =>
    {
        var envelope = new Message { Type = TypeOf(vector.Message), Payload = ByteString.CopyFrom(vector.Payload) };
        Assert.Equal(vector.Frame, WireFrame.Wrap(envelope.ToByteArray()));
    });

    [Fact]
    public void TheSuitesOwnCodecEncodesThem() => Assert.All(MessageVector.All, vector =>
    {
        var message = JsonFields.ToMessage(vector.Message, vector.Fields);
        Assert.Equal(vector.Payload, WireCodec.Encode(message));
        Assert.Equal(vector.Frame, WireFrame.Message((int)TypeOf(vector.Message), message));
    });

    [Fact]
    public void TheSuitesOwnCodecDecodesThem() => Assert.All(MessageVector.All, vector =>
        Assert.Equal(
            JsonFields.ToMessage(vector.Message, vector.Fields).ToString(), WireCodec.Decode(vector.Message, vector.Payload).ToString()));

    [Fact]
    [Clause("WRD-MSG-004")]
    public void EveryMessageHasTheFieldsOfTheReference() => Assert.All(WireSchema.Fields, message =>
    {
        var fields = Descriptors[message.Key].Fields.InDeclarationOrder().OrderBy(field => field.FieldNumber).ToList();
        Assert.Equal(
            message.Value.Select(field => $"{field.Rule} {field.Name} {field.Number} {Kind(field)}"),
            fields.Select(field =>
                $"{(field.IsRepeated ? '*' : field.IsRequired ? 'r' : 'o')} {field.Name} {field.FieldNumber} {Kind(field)}"));
    });

    [Fact]
    [Clause("WRD-MSG-005")]
    public void TypesHaveTheNumbersOfTheReference() => Assert.Equal(
        WireSchema.Types.OrderBy(type => type.Value).Select(type => $"{type.Key} {type.Value}"),
        Enum.GetValues<Message.Types.Type>().Select(type => $"{type} {(int)type}"));

    private static Message.Types.Type TypeOf(string message) =>
        Enum.Parse<Message.Types.Type>(message.Replace("Request", "", StringComparison.Ordinal).Replace("Response", "", StringComparison.Ordinal));

    private static string Kind(WireField field) => field.IsMessage ? field.Type : field.Type switch
    {
        "string" => "Bytes",
        "u32" => "UInt32",
        "u64" => "UInt64",
        "i32" => "Int32",
        "bool" => "Bool",
        _ => "Enum",
    };

    /// <summary>Text may be declared as bytes: the wire is the same.</summary>
    private static string Kind(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message => field.MessageType.Name,
        FieldType.String => "Bytes",
        _ => field.FieldType.ToString(),
    };

    private static IMessage Build(MessageDescriptor descriptor, JsonElement fields)
    {
        var message = descriptor.Parser.ParseFrom([]);
        foreach (var property in fields.EnumerateObject())
        {
            var field = descriptor.FindFieldByName(property.Name);
            if (field.IsRepeated)
            {
                var list = (IList)field.Accessor.GetValue(message);
                foreach (var item in property.Value.EnumerateArray())
                {
                    list.Add(ToValue(field, item));
                }
            }
            else
            {
                field.Accessor.SetValue(message, ToValue(field, property.Value));
            }
        }

        return message;
    }

    private static object ToValue(FieldDescriptor field, JsonElement value) => field.FieldType switch
    {
        FieldType.Bytes => value.ValueKind == JsonValueKind.Object
            ? ByteString.CopyFrom(Convert.FromHexString(value.GetProperty("hex").GetString()!))
            : ByteString.CopyFromUtf8(value.GetString()!),
        FieldType.String => value.GetString()!,
        FieldType.Bool => value.GetBoolean(),
        FieldType.UInt32 => value.GetUInt32(),
        FieldType.UInt64 => value.GetUInt64(),
        FieldType.Int32 => value.GetInt32(),
        FieldType.Enum => Enum.ToObject(field.EnumType.ClrType, value.GetInt32()),
        FieldType.Message => Build(field.MessageType, value),
        _ => throw new NotSupportedException(field.FieldType.ToString()),
    };

    /// <summary>The fields that the vector names have its values; no other is set.</summary>
    private static void ExpectFields(IMessage message, JsonElement fields)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            var isExpected = fields.TryGetProperty(field.Name, out var expected);
            if (field.IsRepeated)
            {
                var items = ((IList)field.Accessor.GetValue(message)).Cast<object>().ToList();
                Assert.Equal(isExpected ? expected.GetArrayLength() : 0, items.Count);
                Assert.All(items, (item, index) => ExpectValue(field, expected[index], item));
                continue;
            }

            Assert.True(field.Accessor.HasValue(message) == isExpected, $"{message.Descriptor.Name}.{field.Name}");
            if (isExpected)
            {
                ExpectValue(field, expected, field.Accessor.GetValue(message));
            }
        }
    }

    private static void ExpectValue(FieldDescriptor field, JsonElement expected, object actual)
    {
        if (actual is IMessage nested)
        {
            ExpectFields(nested, expected);
        }
        else if (actual is Enum)
        {
            Assert.Equal(expected.GetInt32(), Convert.ToInt32(actual, CultureInfo.InvariantCulture));
        }
        else
        {
            Assert.Equal(ToValue(field, expected), actual);
        }
    }
}
