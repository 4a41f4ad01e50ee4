using System.Globalization;

namespace Warden.Spec.Capture;

/// <summary>Where a server first did something else than was recorded.</summary>
/// <param name="Line">The line of the transcript, from 1.</param>
/// <param name="Connection">The connection's name in the transcript.</param>
/// <param name="Request">The request whose answer it is, as it was sent now: the command and its fields.</param>
/// <param name="Expected">What was recorded.</param>
/// <param name="Got">What came.</param>
/// <param name="Difference">What differs, in a sentence.</param>
public sealed record Divergence(int Line, string Connection, string Request, string Expected, string Got, string Difference)
{
    private const int Longest = 1000;

    /// <summary>All of it for people, in four lines; what is long is cut.</summary>
    /// <param name="path">The transcript's path.</param>
    public string Describe(string path) => string.Create(CultureInfo.InvariantCulture, $"""
        {path}:{Line}: {Difference}
          on {Connection}:    {Cut(Request)}
          expected: {Cut(Expected)}
          got:      {Cut(Got)}
        """).ReplaceLineEndings("\n");

    private static string Cut(string text) => text.Length <= Longest ? text : text[..Longest] + "…";
}
