using System.Text;
using Warden.Spec.Clauses;

namespace Warden.ConformanceTests.Reporting;

/// <summary>The report as Markdown: what a terminal shows of it.</summary>
public static class MarkdownReport
{
    public static string Write(ConformanceReport report, IReadOnlyList<ClauseResult> results)
    {
        var targets = results.Select(result => result.Target).Distinct().ToList();
        var text = new StringBuilder("# Conformance\n\n");
        text.Append($"Seed of random data: {string.Join(", ", report.Runs.Select(run => run.Seed).Distinct())}\n\n");
        AppendTargets(text, targets, report.Runs, results);
        text.Append($"\n| clause | level | {string.Join(" | ", targets)} | sentence |\n|---|---|{string.Concat(targets.Select(_ => "---|"))}---|\n");
        var cells = results.ToDictionary(result => (result.Clause.Id, result.Target), result => Words.Of(result.Verdict));
        foreach (var clause in ClauseCatalogue.All.Where(clause => targets.Any(target => cells.ContainsKey((clause.Id, target)))))
        {
            var row = targets.Select(target => cells.GetValueOrDefault((clause.Id, target), "–"));
            text.Append(
                $"| {clause.Id} | {Words.Of(clause.Level)} | {string.Join(" | ", row)} | {Escape(clause.Sentence)} ({clause.Section}) |\n");
        }

        AppendDifferences(text, results);
        AppendReasons(text, "Failures", results.Where(result => result.IsFailure));
        AppendReasons(text, "Known differences", results.Where(result => result.Verdict == Verdict.KnownDifference));
        AppendReasons(text, "Not judged", results.Where(result => result.Verdict is Verdict.NotJudged or Verdict.NotApplicable));
        return text.ToString();
    }

    /// <summary>Counts of what there always is, and of what there is this time.</summary>
    private static void AppendTargets(
        StringBuilder text, IReadOnlyList<string> targets, IReadOnlyList<TargetRun> runs, IReadOnlyList<ClauseResult> results)
    {
        var counts = results.CountBy(result => (result.Target, result.Verdict)).ToDictionary();
        var verdicts = ((Verdict[])[Verdict.Pass, Verdict.Fail, Verdict.NotJudged])
            .Union(Enum.GetValues<Verdict>().Where(verdict => results.Any(result => result.Verdict == verdict)))
            .ToList();
        text.Append($"| target | {string.Join(" | ", verdicts.Select(Words.Of))} | time |\n|---|{string.Concat(verdicts.Select(_ => "---|"))}---|\n");
        foreach (var target in targets)
        {
            var time = Words.Duration(runs.Where(run => run.Target == target).Sum(run => run.Seconds));
            text.Append($"| {target} | {string.Join(" | ", verdicts.Select(verdict => counts.GetValueOrDefault((target, verdict))))} | {time} |\n");
        }
    }

    /// <summary>Where the emulator and the Linux server end differently, which only a need that one of them cannot serve excuses.</summary>
    private static void AppendDifferences(StringBuilder text, IReadOnlyList<ClauseResult> results)
    {
        var both = results.Where(result => result.Verdict != Verdict.NotApplicable).ToList();
        var linux = both.Where(result => result.Target is "Linux" or "linux").ToDictionary(result => result.Clause.Id);
        var emulator = both.Where(result => result.Target is "EmulatorProcess" or ConformanceReport.Emulator).ToList();
        if (linux.Count == 0 || emulator.Count == 0)
        {
            return;
        }

        text.Append("\n## Where the emulator and Linux differ\n\n");
        var differences = emulator
            .Where(result => linux.TryGetValue(result.Clause.Id, out var other) && other.Verdict != result.Verdict)
            .ToList();
        text.Append(differences.Count == 0 ? "Nowhere.\n" : "");
        foreach (var result in differences)
        {
            text.Append($"- {result.Clause.Id}: emulator {Words.Told(result)}; Linux {Words.Told(linux[result.Clause.Id])}\n");
        }
    }

    private static void AppendReasons(StringBuilder text, string title, IEnumerable<ClauseResult> results)
    {
        var reasons = results.GroupBy(result => (result.Target, Told: Words.Told(result))).ToList();
        if (reasons.Count > 0)
        {
            text.Append($"\n## {title}\n\n");
            foreach (var reason in reasons)
            {
                text.Append($"- {reason.Key.Target}: {reason.Key.Told}: {string.Join(", ", reason.Select(result => result.Clause.Id))}\n");
            }
        }
    }

    private static string Escape(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
