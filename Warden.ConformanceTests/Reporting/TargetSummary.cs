using Warden.Spec.Clauses;

namespace Warden.ConformanceTests.Reporting;

/// <summary>What is said of a target as a whole.</summary>
public sealed class TargetSummary
{
    private readonly IReadOnlyList<ClauseResult> _results;
    private readonly IReadOnlyList<ClauseResult> _musts;

    public TargetSummary(string target, IReadOnlyList<TargetRun> runs, IReadOnlyList<ClauseResult> results)
    {
        Target = target;
        Runs = [.. runs.Where(run => run.Target == target)];
        Faults = [.. Runs.SelectMany(run => run.Faults)];
        _results = [.. results.Where(result => result.Target == target)];
        _musts = [.. _results.Where(result => result.Clause.Level == ClauseLevel.Must && result.Verdict != Verdict.NotApplicable)];
    }

    public string Target { get; }

    public IReadOnlyList<TargetRun> Runs { get; }

    public IReadOnlyList<string> Faults { get; }

    public bool HasFailed => Faults.Count > 0 || _results.Any(result => result.IsFailure);

    /// <summary>Whether every MUST that applies was judged and passed, and nothing else went wrong.</summary>
    public bool IsConformant => _musts.Count > 0 && !HasFailed && _musts.All(result => result.Verdict == Verdict.Pass);

    /// <summary>The verdict, with what stands between the target and conformance.</summary>
    public string Sentence
    {
        get
        {
            if (IsConformant)
            {
                return $"conformant: every one of {_musts.Count} MUST clauses was judged and passed";
            }

            var lacking = new List<string>();
            foreach (var verdict in (Verdict[])[Verdict.Fail, Verdict.UnexpectedPass, Verdict.KnownDifference, Verdict.NotJudged])
            {
                var count = _musts.Count(result => result.Verdict == verdict);
                if (count > 0)
                {
                    lacking.Add($"{count} {Words.Of(verdict)}");
                }
            }

            if (Faults.Count > 0)
            {
                lacking.Add($"{Faults.Count} faults of the run");
            }

            return $"{(HasFailed ? "not conformant" : "no failure, but not called conformant")}: "
                + $"of {_musts.Count} MUST clauses {Count(Verdict.Pass, _musts)} pass; {string.Join(", ", lacking)}";
        }
    }

    public int Count(Verdict verdict) => Count(verdict, _results);

    private static int Count(Verdict verdict, IReadOnlyList<ClauseResult> results) => results.Count(result => result.Verdict == verdict);
}
