using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Warden.ConformanceTests.Support;
using Warden.Spec.Clauses;

namespace Warden.ConformanceTests.Reporting;

/// <summary>Writes clauses × targets as Markdown, JUnit and JSON into WARDEN_REPORT, or TestResults beside the project.</summary>
public static class ReportWriter
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static void Write(IReadOnlyList<Outcome> outcomes)
    {
        var directory = MakeDirectory();
        var results = ClauseResult.From(outcomes);
        File.WriteAllText(Path.Combine(directory, "conformance.md"), Markdown(results));
        File.WriteAllText(Path.Combine(directory, "conformance.json"), JsonText(results));
        File.WriteAllText(Path.Combine(directory, "conformance.junit.xml"), JUnit(results));
    }

    /// <summary>Writes why the end of the run failed into <c>end-of-run-failed.txt</c>: a server that all tests shared has left something.</summary>
    public static void WriteFault(Exception exception) =>
        File.WriteAllText(Path.Combine(MakeDirectory(), "end-of-run-failed.txt"), exception.ToString());

    /// <summary>Keeps a server's log beside the report, in a file that several may share.</summary>
    public static void AppendLog(string name, string log)
    {
        lock (Json)
        {
            File.AppendAllText(Path.Combine(MakeDirectory(), name), log + "\n");
        }
    }

    public static string Markdown(IReadOnlyList<ClauseResult> results)
    {
        var targets = results.Select(result => result.Target).Distinct().Order().ToList();
        var text = new StringBuilder("# Conformance\n\n");
        text.Append($"Seed of random data: {Seed.Value}\n\n| target | pass | fail | skip |\n|---|---|---|---|\n");
        foreach (var target in targets)
        {
            var own = results.Where(result => result.Target == target).CountBy(result => result.Verdict).ToDictionary();
            text.Append(
                $"| {target} | {own.GetValueOrDefault(Verdict.Pass)} | {own.GetValueOrDefault(Verdict.Fail)} | {own.GetValueOrDefault(Verdict.Skip)} |\n");
        }

        text.Append($"\n| clause | level | {string.Join(" | ", targets)} | sentence |\n|---|---|{string.Concat(targets.Select(_ => "---|"))}---|\n");
        foreach (var clause in results.GroupBy(result => result.Clause))
        {
            var cells = targets.Select(target => Cell(clause.FirstOrDefault(result => result.Target == target)));
            text.Append(
                $"| {clause.Key.Id} | {Level(clause.Key)} | {string.Join(" | ", cells)} | {Escape(clause.Key.Sentence)} ({clause.Key.Section}) |\n");
        }

        AppendDifferences(text, results);
        AppendReasons(text, "Failures", results.Where(result => result.Verdict == Verdict.Fail));
        AppendReasons(text, "Skips", results.Where(result => result.Verdict == Verdict.Skip));
        return text.ToString();
    }

    public static string JsonText(IReadOnlyList<ClauseResult> results) => JsonSerializer.Serialize(
        new
        {
            Seed = Seed.Value,
            Results = results.Select(result => new
            {
                result.Clause.Id,
                Level = Level(result.Clause),
                result.Clause.Sentence,
                result.Clause.Section,
                result.Target,
                Verdict = Word(result.Verdict),
                result.Reason,
                Tests = result.Outcomes.Select(test => new { test.Test, Verdict = Word(test.Verdict), test.Reason, test.Seconds }),
            }),
        },
        Json);

    public static string JUnit(IReadOnlyList<ClauseResult> results) => new XDocument(
        new XElement("testsuites", results.GroupBy(result => result.Target).Select(target => new XElement(
            "testsuite",
            new XAttribute("name", target.Key),
            new XAttribute("tests", target.Count()),
            new XAttribute("failures", target.Count(result => result.Verdict == Verdict.Fail)),
            new XAttribute("skipped", target.Count(result => result.Verdict == Verdict.Skip)),
            target.Select(TestCase))))).ToString();

    private static XElement TestCase(ClauseResult result) => new(
        "testcase",
        new XAttribute("classname", $"{result.Target}.{result.Clause.Feature}"),
        new XAttribute("name", $"{result.Clause.Id} {result.Clause.Sentence}"),
        new XAttribute("time", result.Outcomes.Sum(outcome => outcome.Seconds)),
        result.Verdict switch
        {
            Verdict.Fail => new XElement("failure", new XAttribute("message", Clean(result.Reason))),
            Verdict.Skip => new XElement("skipped", new XAttribute("message", Clean(result.Reason))),
            _ => null,
        });

    /// <summary>Where the emulator and the Linux server end differently, which only a need that one of them cannot serve excuses.</summary>
    private static void AppendDifferences(StringBuilder text, IReadOnlyList<ClauseResult> results)
    {
        var linux = results.Where(result => result.Target == "Linux").ToDictionary(result => result.Clause.Id);
        var differences = results
            .Where(result => result.Target == "EmulatorProcess" && linux.TryGetValue(result.Clause.Id, out var other) && other.Verdict != result.Verdict)
            .Select(result => (Emulator: result, Linux: linux[result.Clause.Id]))
            .ToList();
        if (linux.Count == 0 || results.All(result => result.Target != "EmulatorProcess"))
        {
            return;
        }

        text.Append("\n## Where the emulator and Linux differ\n\n");
        text.Append(differences.Count == 0 ? "Nowhere.\n" : "");
        foreach (var (emulator, other) in differences)
        {
            text.Append($"- {emulator.Clause.Id}: emulator {Told(emulator)}; Linux {Told(other)}\n");
        }
    }

    private static string Told(ClauseResult result) =>
        result.Reason is null ? Word(result.Verdict) : $"{Word(result.Verdict)} ({Clean(result.Reason).Split('\n')[0].Trim()})";

    private static void AppendReasons(StringBuilder text, string title, IEnumerable<ClauseResult> results)
    {
        var reasons = results.GroupBy(result => (result.Target, Reason: Clean(result.Reason).Split('\n')[0].Trim())).ToList();
        if (reasons.Count > 0)
        {
            text.Append($"\n## {title}\n\n");
            foreach (var reason in reasons)
            {
                text.Append($"- {reason.Key.Target}: {reason.Key.Reason}: {string.Join(", ", reason.Select(result => result.Clause.Id))}\n");
            }
        }
    }

    private static string Cell(ClauseResult? result) => result is null ? "–" : Word(result.Verdict);

    private static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Pass => "pass",
        Verdict.Fail => "fail",
        _ => "skip",
    };

    private static string Level(Clause clause) => clause.Level switch
    {
        ClauseLevel.Must => "MUST",
        ClauseLevel.Should => "SHOULD",
        _ => "INFO",
    };

    private static string Escape(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    /// <summary>XML has no room for most control characters.</summary>
    private static string Clean(string? text) =>
        new([.. (text ?? "").Where(letter => letter >= ' ' || letter is '\n' or '\t')]);

    private static string MakeDirectory() =>
        Directory.CreateDirectory(Environment.GetEnvironmentVariable("WARDEN_REPORT") ?? DefaultDirectory()).FullName;

    /// <summary>Up from the build's output to the project.</summary>
    private static string DefaultDirectory()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !directory.EnumerateFiles("Warden.ConformanceTests.csproj").Any())
        {
            directory = directory.Parent;
        }

        return Path.Combine(directory?.FullName ?? AppContext.BaseDirectory, "TestResults");
    }
}
