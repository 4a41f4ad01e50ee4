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

    /// <summary>Whether a container's grace time runs in it, which goes by the clock.</summary>
    public bool HasGraceTime => Steps.Any(step => step.TryGetProperty("fields", out var fields) && fields.TryGetProperty("grace_time", out _));

    /// <summary>
    /// Whether a grace time may have passed that was to pass later, as the machine stood still between two steps. What such a replay shows
    /// says nothing of the server.
    /// </summary>
    /// <param name="took">How long the replay took.</param>
    public bool WasPlayedTooSlowly(TimeSpan took)
    {
        const double Room = 0.4;
        return HasGraceTime && took.TotalSeconds > Room + Steps.Sum(step => step.TryGetProperty("wait", out var wait) ? wait.GetDouble() : 0);
    }
}
