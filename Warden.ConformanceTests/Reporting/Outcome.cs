namespace Warden.ConformanceTests.Reporting;

/// <summary>How one test of a clause ended on one target.</summary>
/// <param name="ClauseId">The clause.</param>
/// <param name="Target">The target's name, or "-" for what is judged once.</param>
/// <param name="Test">The test's name.</param>
/// <param name="Verdict">How it ended.</param>
/// <param name="Reason">Why it failed or was skipped.</param>
/// <param name="Seconds">How long it took.</param>
public sealed record Outcome(string ClauseId, string Target, string Test, Verdict Verdict, string? Reason, decimal Seconds);

/// <summary>How a test ended; the order is that of the worse.</summary>
public enum Verdict
{
    Pass,
    Skip,
    Fail,
}
