using System.Text.Json;

namespace Warden.ConformanceTests.Vectors;

/// <summary>A line of transcripts.jsonl: what a server of 2016 answered.</summary>
public sealed record Transcript(string Scenario, IReadOnlyList<JsonElement> Steps)
{
    public static IReadOnlyList<Transcript> All { get; } =
    [
        .. VectorFile.Lines("transcripts.jsonl").Select(line =>
            new Transcript(line.GetProperty("scenario").GetString()!, [.. line.GetProperty("steps").EnumerateArray()])),
    ];
}
