using System.Text.Json;
using System.Text.Json.Serialization;

namespace Warden.Spec.Containers.Snapshots;

/// <summary>Writes a rule as an array of its six values.</summary>
internal sealed class NetOutSnapshotConverter : JsonConverter<NetOutSnapshot>
{
    public override NetOutSnapshot Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("A rule is an array.");
        }

        var network = ReadString(ref reader);
        var ports = ReadString(ref reader);
        var protocol = ReadString(ref reader) ?? throw new JsonException("A rule has a protocol.");
        var type = ReadNumber(ref reader);
        var code = ReadNumber(ref reader);
        reader.Read();
        var log = reader.TokenType is JsonTokenType.True or JsonTokenType.False
            ? reader.GetBoolean()
            : throw new JsonException("A rule says whether it logs.");
        reader.Read();
        return reader.TokenType == JsonTokenType.EndArray
            ? new NetOutSnapshot(network, ports, protocol, type, code, log)
            : throw new JsonException("A rule has six values.");
    }

    public override void Write(Utf8JsonWriter writer, NetOutSnapshot value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        writer.WriteStringValue(value.Network);
        writer.WriteStringValue(value.Ports);
        writer.WriteStringValue(value.Protocol);
        WriteNumber(writer, value.IcmpType);
        WriteNumber(writer, value.IcmpCode);
        writer.WriteBooleanValue(value.Log);
        writer.WriteEndArray();
    }

    private static string? ReadString(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType is JsonTokenType.String or JsonTokenType.Null
            ? reader.GetString()
            : throw new JsonException("A text or null was expected.");
    }

    private static int? ReadNumber(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.Null ? null
            : reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number) ? number
            : throw new JsonException("A number or null was expected.");
    }

    private static void WriteNumber(Utf8JsonWriter writer, int? value)
    {
        if (value is { } number)
        {
            writer.WriteNumberValue(number);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}
