using Warden.ConformanceTests.Reporting;
using Warden.Spec.Clauses;

namespace Warden.ConformanceTests.Units.Reporting;

/// <summary>Reports made by hand.</summary>
internal static class Reports
{
    /// <summary>A clause that one test proves.</summary>
    public const string Echo = "WRD-PING-002";

    /// <summary>A clause that two tests prove.</summary>
    public const string Torn = "WRD-FRAME-003";

    /// <summary>A clause about the emulator as a library.</summary>
    public const string AsALibrary = "WRD-INPROC-002";

    public static Outcome Ended(
        Verdict verdict, string? reason = null, string target = "linux", string clause = Echo, int test = 0, string? transcript = null) =>
        new(clause, target, NameOf(ClauseTests.Of(clause)[test]), verdict, reason, 0.5m, transcript);

    public static TargetRun Run(string target, string? filter = null, int seed = 1) =>
        new(target, seed, filter, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), 60, []);

    public static ConformanceReport Of(params Outcome[] outcomes) => new(
        [.. outcomes.Select(outcome => outcome.Target).Distinct().Select(target => Run(target))], outcomes);

    /// <summary>A report in which every test passed that a server must pass.</summary>
    public static ConformanceReport Perfect(string target) => new(
        [Run(target)],
        [
            .. from clause in ClauseCatalogue.All
               where (clause.AppliesTo.Needs & (ClauseNeeds.InProcess | ClauseNeeds.Library | ClauseNeeds.Supervision)) == 0
               from test in ClauseTests.Of(clause.Id)
               select new Outcome(clause.Id, target, NameOf(test), Verdict.Pass, null, 0.01m),
        ]);

    public static ClauseResult Judge(string clause, ConformanceReport report, string known = "") =>
        Judgement.OfAll(report, KnownDifferences.Parse(known)).Single(result => result.Clause.Id == clause);

    public static TargetSummary Summarise(ConformanceReport report, string known = "") =>
        new(report.Targets.Single(), report.Runs, Judgement.OfAll(report, KnownDifferences.Parse(known)));

    private static string NameOf(string test) => $"Warden.ConformanceTests.Targets.Linux{test}(text: \"x\")";
}
