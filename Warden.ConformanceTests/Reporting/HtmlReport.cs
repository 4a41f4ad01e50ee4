using System.Net;
using System.Text;

namespace Warden.ConformanceTests.Reporting;

/// <summary>The report as one HTML file that needs no other: clauses × targets, and of a failure its tests and what went over the wire.</summary>
public static class HtmlReport
{
    private const string Style = """
        :root { color-scheme: light dark; --line: #8885; --pass: #1a7f37; --fail: #cf222e; --known: #9a6700; --other: #6e7781; }
        body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem; }
        h2 { margin-top: 2.2rem; }
        table { border-collapse: collapse; }
        th, td { border-bottom: 1px solid var(--line); padding: .35rem .7rem; text-align: left; vertical-align: top; }
        thead th { position: sticky; top: 0; background: Canvas; }
        .id { white-space: nowrap; font-variant-numeric: tabular-nums; }
        .sentence { max-width: 46rem; }
        .note, small { color: var(--other); }
        .pass > b { color: var(--pass); }
        .fail > b, .bad { color: var(--fail); }
        .known > b { color: var(--known); }
        .other > b { color: var(--other); }
        td > b { font-weight: 600; white-space: nowrap; }
        pre { font: 12px/1.4 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; margin: .4rem 0; }
        .wire { border-left: 3px solid var(--line); padding-left: .6rem; }
        body:has(#notable:checked) tr.quiet { display: none; }
        """;

    public static string Write(ConformanceReport report, IReadOnlyList<ClauseResult> results)
    {
        var targets = report.Targets;
        var page = new StringBuilder();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Warden conformance</title>\n");
        page.Append($"<style>\n{Style}\n</style>\n</head>\n<body>\n<h1>Warden conformance</h1>\n");
        AppendTargets(page, [.. targets.Select(target => new TargetSummary(target, report.Runs, results))]);
        AppendClauses(page, targets, results);
        AppendDetails(page, results);
        page.Append("</body>\n</html>\n");
        return page.ToString();
    }

    private static void AppendTargets(StringBuilder page, IReadOnlyList<TargetSummary> summaries)
    {
        page.Append("<table>\n<thead><tr><th>target</th><th>verdict</th>");
        foreach (var verdict in Enum.GetValues<Verdict>())
        {
            page.Append($"<th>{Words.Of(verdict)}</th>");
        }

        page.Append("<th>runs</th></tr></thead>\n<tbody>\n");
        foreach (var summary in summaries)
        {
            page.Append($"<tr><th>{Text(summary.Target)}</th>");
            page.Append($"<td class=\"sentence{(summary.HasFailed ? " bad" : "")}\">{Text(summary.Sentence)}");
            page.Append(string.Concat(summary.Faults.Select(fault => $"<pre>{Text(fault)}</pre>")));
            page.Append("</td>");
            page.Append(string.Concat(Enum.GetValues<Verdict>().Select(verdict => $"<td>{summary.Count(verdict)}</td>")));
            page.Append($"<td>{string.Join("<br>", summary.Runs.Select(run => Text(Told(run))))}</td></tr>\n");
        }

        page.Append("</tbody>\n</table>\n");
    }

    private static string Told(TargetRun run) =>
        $"{run.Started:yyyy-MM-dd HH:mm}Z, {Words.Duration(run.Seconds)}, seed {run.Seed}{(run.Filter is null ? "" : $", only {run.Filter}")}{(run.Shard is null ? "" : $", shard {run.Shard}")}";

    private static void AppendClauses(StringBuilder page, IReadOnlyList<string> targets, IReadOnlyList<ClauseResult> results)
    {
        page.Append("<h2>Clauses</h2>\n<p><label><input type=\"checkbox\" id=\"notable\"> only those that do not pass everywhere</label></p>\n");
        page.Append("<table>\n<thead><tr><th>clause</th><th>level</th><th>what a server does</th>");
        page.Append($"{string.Concat(targets.Select(target => $"<th>{Text(target)}</th>"))}</tr></thead>\n<tbody>\n");
        foreach (var row in results.GroupBy(result => result.Clause))
        {
            var isQuiet = row.All(result => result.Verdict is Verdict.Pass or Verdict.NotApplicable);
            page.Append($"<tr{(isQuiet ? " class=\"quiet\"" : "")}><td class=\"id\">{Text(row.Key.Id)}</td><td>{Words.Of(row.Key.Level)}</td>");
            page.Append($"<td class=\"sentence\">{Text(row.Key.Sentence)} <small>{Text(row.Key.Section)}</small></td>");
            foreach (var target in targets)
            {
                AppendCell(page, row.FirstOrDefault(result => result.Target == target));
            }

            page.Append("</tr>\n");
        }

        page.Append("</tbody>\n</table>\n");
    }

    private static void AppendCell(StringBuilder page, ClauseResult? result)
    {
        if (result is null)
        {
            page.Append("<td></td>");
            return;
        }

        var word = Words.Of(result.Verdict);
        var shown = HasDetails(result) ? $"<a href=\"#{Anchor(result)}\">{word}</a>" : word;
        page.Append($"<td class=\"{Class(result.Verdict)}\"><b>{shown}</b>");
        page.Append(result.Outcomes.Count > 0 ? $" <small>{Text(Words.Duration(result.Seconds))}</small>" : "");
        page.Append(result.Reason is null ? "" : $"<br><span class=\"note\">{Text(Because(result))}</span>");
        page.Append("</td>");
    }

    private static void AppendDetails(StringBuilder page, IReadOnlyList<ClauseResult> results)
    {
        foreach (var result in results.Where(HasDetails))
        {
            page.Append($"<h2 id=\"{Anchor(result)}\">{Text(result.Clause.Id)} on {Text(result.Target)}: {Words.Of(result.Verdict)}</h2>\n");
            page.Append($"<p>{Text(result.Clause.Sentence)}</p>\n");
            page.Append(result.Verdict == Verdict.Fail ? "" : $"<p>{Text(Words.FirstLine(result.Reason))}</p>\n");
            foreach (var test in result.Outcomes)
            {
                var hasFailed = test.Verdict == Verdict.Fail;
                page.Append($"<details{(hasFailed ? " open" : "")}><summary>{Text(test.Test)}: {Words.Of(test.Verdict)} ");
                page.Append($"<small>{Text(Words.Duration(test.Seconds))}</small></summary>\n");
                page.Append(test.Reason is null ? "" : $"<pre>{Text(test.Reason)}</pre>\n");
                page.Append(
                    test.Transcript is { Length: > 0 } ? $"<pre class=\"wire\">{Text(test.Transcript)}</pre>\n"
                    : hasFailed ? "<p class=\"note\">No frames: the test speaks to the server by other means than the suite's own connection.</p>\n"
                    : "");
                page.Append("</details>\n");
            }
        }
    }

    private static bool HasDetails(ClauseResult result) => result.IsFailure || result.Verdict == Verdict.KnownDifference;

    private static string Because(ClauseResult result) =>
        $"{(result.Verdict is Verdict.NotJudged or Verdict.NotApplicable ? "because " : "")}{Words.FirstLine(result.Reason)}";

    private static string Class(Verdict verdict) => verdict switch
    {
        Verdict.Pass => "pass",
        Verdict.Fail or Verdict.UnexpectedPass => "fail",
        Verdict.KnownDifference => "known",
        _ => "other",
    };

    /// <summary>An id that no name of a target can break.</summary>
    private static string Anchor(ClauseResult result) => $"{result.Clause.Id}-{Convert.ToHexString(Encoding.UTF8.GetBytes(result.Target))}";

    private static string Text(string? text) => WebUtility.HtmlEncode(Words.Clean(text));
}
