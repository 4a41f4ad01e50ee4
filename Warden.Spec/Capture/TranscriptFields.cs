using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Warden.Spec.Capture;

/// <summary>The fields of a message as a JSON object: those that are set, by name; enums by name too.</summary>
internal static class TranscriptFields
{
    /// <summary>How transcripts are written: for people, so that only what JSON cannot hold is escaped.</summary>
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the object.</summary>
    public static void Write(Utf8JsonWriter json, IMessage message)
    {
        json.WriteStartObject();
        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            if (!IsSet(message, field))
            {
                continue;
            }

            json.WritePropertyName(field.Name);
            var value = field.Accessor.GetValue(message);
            if (field.IsRepeated)
            {
                json.WriteStartArray();
                foreach (object item in (IList)value)
                {
                    Write(json, field, item);
                }

                json.WriteEndArray();
            }
            else
            {
                Write(json, field, value);
            }
        }

        json.WriteEndObject();
    }

    /// <summary>The object as text.</summary>
    public static string ToText(IMessage message) => ToText(json => Write(json, message));

    /// <summary>A value of a field as text.</summary>
    public static string ToText(FieldDescriptor field, object value) => ToText(json => Write(json, field, value));

    /// <summary>A text as a value, as text.</summary>
    public static string ToText(ReadOnlyMemory<byte> bytes) => ToText(json => TranscriptText.Write(json, bytes.Span));

    /// <summary>Whether a field has a value; an empty list has none.</summary>
    public static bool IsSet(IMessage message, FieldDescriptor field) =>
        field.IsRepeated ? ((IList)field.Accessor.GetValue(message)).Count > 0 : field.Accessor.HasValue(message);

    private static string ToText(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            write(json);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void Write(Utf8JsonWriter json, FieldDescriptor field, object value)
    {
        switch (value)
        {
            case IMessage message:
                Write(json, message);
                break;
            case ByteString bytes:
                TranscriptText.Write(json, bytes.Span);
                break;
            case string text:
                TranscriptText.Write(json, Encoding.UTF8.GetBytes(text));
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case uint number:
                json.WriteNumberValue(number);
                break;
            case ulong number:
                json.WriteNumberValue(number);
                break;
            default:
                WriteNumber(json, field, Convert.ToInt32(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private static void WriteNumber(Utf8JsonWriter json, FieldDescriptor field, int number)
    {
        if (field.FieldType == FieldType.Enum && field.EnumType.FindValueByNumber(number) is { } named)
        {
            json.WriteStringValue(named.Name);
        }
        else
        {
            json.WriteNumberValue(number);
        }
    }
}
