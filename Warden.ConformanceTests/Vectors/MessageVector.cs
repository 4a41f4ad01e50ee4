using System.Text.Json;

namespace Warden.ConformanceTests.Vectors;

/// <summary>A line of messages.jsonl: a message as an independent client encodes it.</summary>
public sealed record MessageVector(string Message, JsonElement Fields, byte[] Payload, byte[] Frame)
{
    public static IReadOnlyList<MessageVector> All { get; } = [.. VectorFile.Lines("messages.jsonl").Select(Parse)];

    private static MessageVector Parse(JsonElement line) => new(
        line.GetProperty("message").GetString()!,
        line.GetProperty("fields"),
        Convert.FromHexString(line.GetProperty("payload_hex").GetString()!),
        Convert.FromHexString(line.GetProperty("frame_hex").GetString()!));
}
