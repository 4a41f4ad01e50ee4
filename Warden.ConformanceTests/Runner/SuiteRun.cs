using Warden.ConformanceTests.Reporting;
using Warden.ConformanceTests.Support;
using Xunit.Sdk;

namespace Warden.ConformanceTests.Runner;

/// <summary>Runs the tests of one target in this process, by the same framework as `dotnet test` does.</summary>
internal static class SuiteRun
{
    /// <summary>Runs the tests of the clauses that are asked for. Of other clauses only parts may have run: their outcomes are left out.</summary>
    /// <exception cref="CannotRunException">What is asked for is not there.</exception>
    public static async Task<ConformanceReport> RunAsync(SuiteTarget target, SuiteOptions options)
    {
        var clauses = ClauseFilter.Parse(options.Filter, options.Shard);
        var name = options.Name ?? target.Name;
        var started = DateTimeOffset.UtcNow;
        using var framework = new ConformanceFramework(new NullMessageSink());
        var settings = new FrameworkOptions();
        var units = options.Units is null ? [] : await SuiteTests.OfUnitsAsync(framework, settings, options.Units);
        var cases = units.Concat(await SuiteTests.OfClausesAsync(framework, settings, target, clauses)).DistinctBy(test => test.UniqueID).ToList();
        var sink = new RunSink(cases.Count, options.Limit);
        if (cases.Count > 0)
        {
            using var executor = framework.GetExecutor(typeof(SuiteRun).Assembly.GetName());
            executor.RunTests(cases, sink, settings);
            await sink.Done;
        }

        var seconds = (decimal)(DateTimeOffset.UtcNow - started).TotalSeconds;
        Console.WriteLine($"{name}: {sink.Summary}, in {Words.Duration(seconds)}");
        return new ConformanceReport(
            [new TargetRun(name, Seed.Value, options.Filter, started, seconds, sink.Faults, options.Shard)],
            [.. sink.Outcomes.Where(outcome => clauses.Includes(outcome.ClauseId)).Select(outcome => outcome with { Target = name })]);
    }
}
