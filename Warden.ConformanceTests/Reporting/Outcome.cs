namespace Warden.ConformanceTests.Reporting;

/// <summary>How one test of a clause ended on one target.</summary>
/// <param name="ClauseId">The clause.</param>
/// <param name="Target">The target's name, or <see cref="Once"/>.</param>
/// <param name="Test">The test's name.</param>
/// <param name="Verdict">How it ended: <see cref="Verdict.Pass"/>, <see cref="Verdict.NotJudged"/> or <see cref="Verdict.Fail"/>.</param>
/// <param name="Reason">Why it failed or was not judged.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Transcript">What went over the wire in a test that failed, where its connections were the suite's own.</param>
public sealed record Outcome(
    string ClauseId, string Target, string Test, Verdict Verdict, string? Reason, decimal Seconds, string? Transcript = null)
{
    /// <summary>In a target's place: what is judged once, whatever the targets.</summary>
    public const string Once = "-";
}
