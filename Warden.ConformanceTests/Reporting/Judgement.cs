using Warden.Spec.Clauses;

namespace Warden.ConformanceTests.Reporting;

/// <summary>Makes verdicts of outcomes. Whatever was not seen to pass, all of it, is no pass.</summary>
public static class Judgement
{
    /// <summary>What asks nothing of other servers, as it is about none.</summary>
    private static readonly Dictionary<ClauseNeeds, string> NoServers = new()
    {
        [ClauseNeeds.InProcess] = "it is about the emulator as a library",
        [ClauseNeeds.Supervision] = "it is about the emulator under supervision",
        [ClauseNeeds.Library] = "it is about the types of Warden.Spec",
    };

    /// <summary>Judges the clauses that were tested on each target.</summary>
    public static IReadOnlyList<ClauseResult> OfTested(IReadOnlyList<Outcome> outcomes)
    {
        var tests = outcomes.ToLookup(outcome => (outcome.Target, outcome.ClauseId));
        return
        [
            .. from target in outcomes.Select(outcome => outcome.Target).Distinct().Order()
               from clause in ClauseCatalogue.All
               let own = tests[(target, clause.Id)].ToList()
               where own.Count > 0
               select Judge(clause, target, own, ""),
        ];
    }

    /// <summary>Judges every clause on every target of a report, by the differences that are known.</summary>
    public static IReadOnlyList<ClauseResult> OfAll(ConformanceReport report, KnownDifferences known)
    {
        var tests = report.Outcomes.ToLookup(outcome => (outcome.Target, outcome.ClauseId));
        return
        [
            .. from target in report.Targets
               from clause in ClauseCatalogue.All
               select known.Apply(Judge(clause, target, [.. tests[(target, clause.Id)]], WhyNotTested(report, target, clause.Id))),
        ];
    }

    private static ClauseResult Judge(Clause clause, string target, IReadOnlyList<Outcome> outcomes, string untested)
    {
        var (verdict, reason) = Tell(clause, target, outcomes, untested);
        var others = NoServers.Where(need => clause.AppliesTo.Needs.HasFlag(need.Key)).Select(need => need.Value).FirstOrDefault();
        return verdict == Verdict.NotJudged && others is not null && target != ConformanceReport.Emulator
            ? new ClauseResult(clause, target, Verdict.NotApplicable, others, outcomes)
            : new ClauseResult(clause, target, verdict, reason, outcomes);
    }

    private static (Verdict Verdict, string? Reason) Tell(Clause clause, string target, IReadOnlyList<Outcome> outcomes, string untested)
    {
        if (outcomes.Count == 0)
        {
            return (Verdict.NotJudged, untested);
        }

        if (outcomes.FirstOrDefault(outcome => outcome.Verdict == Verdict.Fail) is { } failure)
        {
            return (Verdict.Fail, failure.Reason);
        }

        if (outcomes.FirstOrDefault(outcome => outcome.Verdict != Verdict.Pass) is { } skipped)
        {
            var passed = outcomes.Count(outcome => outcome.Verdict == Verdict.Pass);
            return (Verdict.NotJudged, passed == 0 ? skipped.Reason : $"{skipped.Reason} ({passed} of its {outcomes.Count} tests passed)");
        }

        var missing = target == Outcome.Once ? [] : ClauseTests.Missing(clause.Id, outcomes.Select(outcome => outcome.Test));
        return missing.Count == 0 ? (Verdict.Pass, null) : (Verdict.NotJudged, $"these tests of it did not run: {string.Join(", ", missing)}");
    }

    private static string WhyNotTested(ConformanceReport report, string target, string clauseId) =>
        report.Runs.Any(run => run.Target == target && ClauseFilter.Parse(run.Filter, run.Shard).Includes(clauseId))
            ? "no test of it ran"
            : "the run was asked for other clauses";
}
