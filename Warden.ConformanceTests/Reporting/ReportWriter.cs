using Warden.ConformanceTests.Support;

namespace Warden.ConformanceTests.Reporting;

/// <summary>Writes clauses × targets as Markdown, JUnit, JSON and HTML into WARDEN_REPORT, or TestResults beside the project.</summary>
public static class ReportWriter
{
    private static readonly Lock Appending = new();

    /// <summary>Writes what `dotnet test` ran: the clauses that it tested, on whatever targets.</summary>
    public static void Write(IReadOnlyList<Outcome> outcomes, DateTimeOffset started)
    {
        var seconds = (decimal)(DateTimeOffset.UtcNow - started).TotalSeconds;
        var targets = outcomes.Select(outcome => outcome.Target).Distinct().Order();
        var runs = targets.Select(target => new TargetRun(target, Seed.Value, null, started, seconds, []));
        Write(MakeDirectory(), new ConformanceReport([.. runs], outcomes), Judgement.OfTested(outcomes));
    }

    /// <summary>Writes a report in all its forms into a directory.</summary>
    public static void Write(string directory, ConformanceReport report, IReadOnlyList<ClauseResult> results)
    {
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, "conformance.md"), MarkdownReport.Write(report, results));
        File.WriteAllText(Path.Combine(directory, "conformance.json"), ReportJson.Write(report, results));
        File.WriteAllText(Path.Combine(directory, "conformance.junit.xml"), JUnitReport.Write(results));
        File.WriteAllText(Path.Combine(directory, "conformance.html"), HtmlReport.Write(report, results));
    }

    /// <summary>Writes why the end of the run failed into <c>end-of-run-failed.txt</c>: a server that all tests shared has left something.</summary>
    public static void WriteFault(Exception exception) =>
        File.WriteAllText(Path.Combine(MakeDirectory(), "end-of-run-failed.txt"), exception.ToString());

    /// <summary>Keeps a server's log beside the report, in a file that several may share.</summary>
    public static void AppendLog(string name, string log)
    {
        lock (Appending)
        {
            File.AppendAllText(Path.Combine(MakeDirectory(), name), log + "\n");
        }
    }

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
