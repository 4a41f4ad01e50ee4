using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Warden.Spec.Capture;

/// <summary>
/// A text as transcripts have it: a JSON string where its bytes are UTF-8, else <c>{"base64": "…"}</c>. A text that is one of the marks
/// which mean something in a transcript, such as <c>present</c> or <c>$H1</c>, is written as base64 too, so that it means itself.
/// </summary>
internal static class TranscriptText
{
    private const string Encoded = "base64";

    /// <summary>Writes a text as a value.</summary>
    public static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> text)
    {
        if (Utf8.IsValid(text) && !IsMark(text))
        {
            json.WriteStringValue(text);
            return;
        }

        json.WriteStartObject();
        json.WriteBase64String(Encoded, text);
        json.WriteEndObject();
    }

    /// <summary>Reads a text.</summary>
    /// <exception cref="FormatException">The value is none.</exception>
    public static byte[] Read(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Encoding.UTF8.GetBytes(value.GetString()!),
        JsonValueKind.Object when value.TryGetProperty(Encoded, out var encoded) => encoded.GetBytesFromBase64(),
        _ => throw new FormatException($"{value.GetRawText()} is no text"),
    };

    /// <summary>Whether a value stands for any value.</summary>
    public static bool IsAny(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && (value.ValueEquals("present"u8) || value.ValueEquals("(any)"u8));

    /// <summary>Whether a value stands for any text of an error.</summary>
    public static bool IsAnyError(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && value.ValueEquals("(any error)"u8);

    /// <summary>The name, such as <c>$H1</c>, that a value stands for; null for a value that means itself.</summary>
    public static string? Variable(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && value.GetString() is ['$', ..] name && IsVariable(Encoding.UTF8.GetBytes(name)) ? name : null;

    private static bool IsMark(ReadOnlySpan<byte> text) =>
        text.SequenceEqual("present"u8) || text.SequenceEqual("(any)"u8) || text.SequenceEqual("(any error)"u8) || IsVariable(text);

    private static bool IsVariable(ReadOnlySpan<byte> text) =>
        text.Length > 1 && text[0] == '$' && char.IsAsciiLetterUpper((char)text[1])
        && !text[1..].ContainsAnyExcept("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"u8);
}
