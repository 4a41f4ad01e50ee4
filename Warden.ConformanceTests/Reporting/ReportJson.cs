using System.Text.Encodings.Web;
using System.Text.Json;
using Warden.Spec.Clauses;

namespace Warden.ConformanceTests.Reporting;

/// <summary>The report as JSON: what programs read, and what reports are merged from.</summary>
public static class ReportJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Write(ConformanceReport report, IReadOnlyList<ClauseResult> results) => JsonSerializer.Serialize(
        new Document(
            report.Runs,
            [.. report.Targets.Select(target => new TargetSummary(target, report.Runs, results)).Select(ToDocument)],
            [.. results.Select(ToDocument)]),
        Options);

    /// <summary>Reads runs and outcomes; what was said of them is said anew.</summary>
    /// <exception cref="FormatException">It is no report, or one of clauses that this suite does not have.</exception>
    public static ConformanceReport Read(string text)
    {
        Document document;
        try
        {
            document = JsonSerializer.Deserialize<Document>(text, Options)!;
        }
        catch (JsonException exception)
        {
            throw new FormatException($"it is no report: {exception.Message}", exception);
        }

        if (document is not { Runs: not null, Results: not null })
        {
            throw new FormatException("it is no report: it has no runs or no results");
        }

        var unknown = document.Results.Select(result => result.Id).Except(ClauseCatalogue.All.Select(clause => clause.Id)).ToList();
        if (unknown.Count > 0)
        {
            throw new FormatException($"it is of another suite: this one has no {string.Join(", ", unknown)}");
        }

        return new ConformanceReport(document.Runs, [.. document.Results.SelectMany(ToOutcomes)]);
    }

    private static TargetDocument ToDocument(TargetSummary summary) => new(
        summary.Target,
        summary.IsConformant,
        summary.Sentence,
        Enum.GetValues<Verdict>().ToDictionary(Words.Of, summary.Count));

    private static ResultDocument ToDocument(ClauseResult result) => new(
        result.Clause.Id,
        Words.Of(result.Clause.Level),
        result.Clause.Sentence,
        result.Clause.Section,
        result.Target,
        Words.Of(result.Verdict),
        result.Reason,
        result.Seconds,
        [.. result.Outcomes.Select(test => new TestDocument(test.Test, Words.Of(test.Verdict), test.Reason, test.Seconds, test.Transcript))]);

    private static IEnumerable<Outcome> ToOutcomes(ResultDocument result) => result.Tests.Select(test => new Outcome(
        result.Id, result.Target, test.Test, Words.Parse(test.Verdict), test.Reason, test.Seconds, test.Transcript));

    private sealed record Document(
        IReadOnlyList<TargetRun> Runs, IReadOnlyList<TargetDocument> Targets, IReadOnlyList<ResultDocument> Results);

    private sealed record TargetDocument(string Name, bool Conformant, string Verdict, IReadOnlyDictionary<string, int> Clauses);

    private sealed record ResultDocument(
        string Id,
        string Level,
        string Sentence,
        string Section,
        string Target,
        string Verdict,
        string? Reason,
        decimal Seconds,
        IReadOnlyList<TestDocument> Tests);

    private sealed record TestDocument(string Test, string Verdict, string? Reason, decimal Seconds, string? Transcript);
}
