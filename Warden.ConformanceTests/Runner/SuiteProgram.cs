using Warden.ConformanceTests.Reporting;

namespace Warden.ConformanceTests.Runner;

/// <summary>The suite as a program, which wants the .NET runtime alone: <c>ci/conformance</c> calls it.</summary>
internal static class SuiteProgram
{
    private const int Passed = 0;
    private const int Failed = 1;
    private const int CannotRun = 2;

    private const string Usage = """
        usage: run --target emulator|linux|docker|unix:PATH [--as NAME] [--filter CLAUSES] [--shard I/N] [--units NAMESPACE] [--limit SECONDS]
                   [--known FILE] --report DIR
               merge [--known FILE] --report DIR DIR…
        """;

    public static async Task<int> Main(string[] words)
    {
        try
        {
            return words switch
            {
                ["run", .. var rest] => await RunAsync(SuiteOptions.Parse(rest)),
                ["merge", .. var rest] => Merge(SuiteOptions.Parse(rest)),
                _ => throw new CannotRunException(Usage),
            };
        }
        catch (Exception exception) when (exception is CannotRunException or FormatException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"conformance: {exception.Message}");
            return CannotRun;
        }
    }

    private static async Task<int> RunAsync(SuiteOptions options)
    {
        if (options is not { Target: not null, Report: not null, Directories: [] })
        {
            throw new CannotRunException(Usage);
        }

        // Whatever cannot be read is said before minutes are spent.
        var known = KnownDifferences.Read(options.Known);
        _ = ClauseFilter.Parse(options.Filter, options.Shard);
        var target = SuiteTarget.Parse(options.Target);
        Environment.SetEnvironmentVariable("WARDEN_REPORT", Directory.CreateDirectory(options.Report).FullName);
        await target.PrepareAsync();
        return Tell(await SuiteRun.RunAsync(target, options), known, options.Report);
    }

    private static int Merge(SuiteOptions options)
    {
        if (options is not { Target: null, Report: not null, Directories: [_, ..] })
        {
            throw new CannotRunException(Usage);
        }

        return Tell(ConformanceReport.Merge([.. options.Directories.Select(Read)]), KnownDifferences.Read(options.Known), options.Report);
    }

    /// <summary>Writes the report, says of each target what is said of it, and makes the exit status of it.</summary>
    private static int Tell(ConformanceReport report, KnownDifferences known, string directory)
    {
        var results = Judgement.OfAll(report, known);
        ReportWriter.Write(directory, report, results);
        var summaries = report.Targets.Select(target => new TargetSummary(target, report.Runs, results)).ToList();
        foreach (var summary in summaries)
        {
            Console.WriteLine($"{summary.Target}: {summary.Sentence}");
            foreach (var result in results.Where(result => result.Target == summary.Target && result.IsFailure))
            {
                Console.WriteLine($"    {result.Clause.Id} {Words.Told(result)}");
            }
        }

        Console.WriteLine($"The report: {Path.GetFullPath(Path.Combine(directory, "conformance.html"))}");
        return summaries.Any(summary => summary.HasFailed) ? Failed : Passed;
    }

    private static ConformanceReport Read(string directory)
    {
        var file = Path.Combine(directory, "conformance.json");
        try
        {
            return ReportJson.Read(File.ReadAllText(file));
        }
        catch (FormatException exception)
        {
            throw new CannotRunException($"{file}: {exception.Message}");
        }
    }
}
