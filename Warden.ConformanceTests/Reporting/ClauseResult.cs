using Warden.Spec.Clauses;

namespace Warden.ConformanceTests.Reporting;

/// <summary>What all tests of a clause say on one target: fail if one fails, pass if one passes, else skip.</summary>
public sealed record ClauseResult(Clause Clause, string Target, Verdict Verdict, string? Reason, IReadOnlyList<Outcome> Outcomes)
{
    public static IReadOnlyList<ClauseResult> From(IReadOnlyList<Outcome> outcomes) =>
    [
        .. from clause in ClauseCatalogue.All
           join outcome in outcomes on clause.Id equals outcome.ClauseId
           group outcome by (clause, outcome.Target) into tests
           select Judge(tests.Key.clause, tests.Key.Target, [.. tests]),
    ];

    private static ClauseResult Judge(Clause clause, string target, IReadOnlyList<Outcome> outcomes)
    {
        var telling = outcomes.FirstOrDefault(outcome => outcome.Verdict == Verdict.Fail)
            ?? outcomes.FirstOrDefault(outcome => outcome.Verdict == Verdict.Pass)
            ?? outcomes[0];
        return new ClauseResult(clause, target, telling.Verdict, telling.Reason, outcomes);
    }
}
