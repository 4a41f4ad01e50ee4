using Warden.Spec.Clauses;

namespace Warden.ConformanceTests.Reporting;

/// <summary>What all tests of a clause say together on one target.</summary>
/// <param name="Clause">The clause.</param>
/// <param name="Target">The target's name.</param>
/// <param name="Verdict">What is said of it.</param>
/// <param name="Reason">Why; null for a pass.</param>
/// <param name="Outcomes">How each test ended.</param>
public sealed record ClauseResult(Clause Clause, string Target, Verdict Verdict, string? Reason, IReadOnlyList<Outcome> Outcomes)
{
    /// <summary>How long its tests took together.</summary>
    public decimal Seconds => Outcomes.Sum(outcome => outcome.Seconds);

    public bool IsFailure => Verdict is Verdict.Fail or Verdict.UnexpectedPass;
}
