using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Warden.Spec.Capture.Replay;

/// <summary>Makes requests of the fields in a transcript, with what the server of the replay calls things.</summary>
/// <param name="names">What was learnt.</param>
internal sealed class RequestReader(LearntNames names)
{
    /// <summary>The message.</summary>
    /// <exception cref="FormatException">A field or a value is none of the message.</exception>
    public IMessage Read(MessageDescriptor type, JsonElement fields)
    {
        var message = type.Parser.ParseFrom(ReadOnlySpan<byte>.Empty);
        foreach (var property in fields.EnumerateObject())
        {
            var field = type.FindFieldByName(property.Name) ?? throw new FormatException($"{type.Name} has no field {property.Name}");
            if (field.IsRepeated)
            {
                var list = (IList)field.Accessor.GetValue(message);
                foreach (var item in property.Value.EnumerateArray())
                {
                    list.Add(Read(field, item));
                }
            }
            else
            {
                field.Accessor.SetValue(message, Read(field, property.Value));
            }
        }

        return message;
    }

    private object Read(FieldDescriptor field, JsonElement value) => field.FieldType switch
    {
        FieldType.Message => Read(field.MessageType, value),
        FieldType.Bytes => ReadText(field, value),
        FieldType.String => Encoding.UTF8.GetString(ReadText(field, value).Span),
        FieldType.Bool => value.GetBoolean(),
        FieldType.UInt32 => checked((uint)ReadNumber(field, value)),
        FieldType.UInt64 => ReadNumber(field, value),
        FieldType.Enum when value.ValueKind == JsonValueKind.String =>
            field.EnumType.FindValueByName(value.GetString()!)?.Number ?? throw new FormatException($"{field.Name} is never {value}"),
        _ => value.GetInt32(),
    };

    private ByteString ReadText(FieldDescriptor field, JsonElement value)
    {
        if (TranscriptText.Variable(value) is { } name)
        {
            return Variable(name);
        }

        var recorded = UnsafeByteOperations.UnsafeWrap(TranscriptText.Read(value));
        return field.Name == "handle" ? names.Handle(recorded) : UnsafeByteOperations.UnsafeWrap(names.Text(recorded.Span));
    }

    private ulong ReadNumber(FieldDescriptor field, JsonElement value)
    {
        if (TranscriptText.Variable(value) is { } name)
        {
            return ulong.Parse(Variable(name).ToStringUtf8(), NumberStyles.None, CultureInfo.InvariantCulture);
        }

        var number = value.GetUInt64();
        return field.Name switch
        {
            "job_id" => names.Job(number),
            "host_port" or "container_port" or "port" => names.Port(number),
            _ => number,
        };
    }

    private ByteString Variable(string name) => names.Variable(name) ?? throw new FormatException($"{name} stands for nothing yet");
}
