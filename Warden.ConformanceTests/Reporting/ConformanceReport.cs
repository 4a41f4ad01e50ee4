namespace Warden.ConformanceTests.Reporting;

/// <summary>One run of the suite against one target.</summary>
/// <param name="Target">The target's name in the report.</param>
/// <param name="Seed">What repeats its random data.</param>
/// <param name="Filter">The clauses that were asked for; null for all.</param>
/// <param name="Started">When it began.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Faults">What went wrong beside the tests, such as something left on a host.</param>
/// <param name="Shard">The part of those clauses that was asked for, such as <c>2/8</c>; null for all of them.</param>
public sealed record TargetRun(
    string Target, int Seed, string? Filter, DateTimeOffset Started, decimal Seconds, IReadOnlyList<string> Faults,
    string? Shard = null);

/// <summary>Runs and what their tests said: of one run, or merged of several.</summary>
public sealed record ConformanceReport(IReadOnlyList<TargetRun> Runs, IReadOnlyList<Outcome> Outcomes)
{
    /// <summary>The target whose runs hold what is judged once: the emulator as a library, and the types of Warden.Spec.</summary>
    public const string Emulator = "emulator";

    /// <summary>The targets in the order in which they were run.</summary>
    public IReadOnlyList<string> Targets => [.. Runs.Select(run => run.Target).Distinct()];

    /// <summary>
    /// All runs and all outcomes: of a target that was run in parts the parts add up, and of one that was run twice no failure is lost.
    /// What is given twice counts once.
    /// </summary>
    public static ConformanceReport Merge(params IReadOnlyList<ConformanceReport> reports) => new(
        [.. reports.SelectMany(report => report.Runs).DistinctBy(run => (run.Target, run.Seed, run.Filter, run.Shard, run.Started))],
        [.. reports.SelectMany(report => report.Outcomes).Distinct()]);
}
