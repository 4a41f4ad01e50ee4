using Warden.ConformanceTests.Reporting;
using Warden.ConformanceTests.Support;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Warden.ConformanceTests.Runner;

/// <summary>Runs the tests of one target in this process, by the same framework as `dotnet test` does.</summary>
internal static class SuiteRun
{
    /// <summary>Runs the tests of the clauses that are asked for. Of other clauses only parts may have run: their outcomes are left out.</summary>
    public static async Task<ConformanceReport> RunAsync(SuiteTarget target, string name, string? filter)
    {
        var clauses = ClauseFilter.Parse(filter);
        var started = DateTimeOffset.UtcNow;
        using var framework = new ConformanceFramework(new NullMessageSink());
        var options = new FrameworkOptions();
        var cases = (await DiscoverAsync(framework, options))
            .Where(test => target.Owns(test.TestMethod) && ClauseTests.ClausesOf(test.TestMethod).Any(clauses.Includes))
            .ToList();
        var sink = new RunSink();
        if (cases.Count > 0)
        {
            using var executor = framework.GetExecutor(typeof(SuiteRun).Assembly.GetName());
            executor.RunTests(cases, sink, options);
            await sink.Done;
        }

        var seconds = (decimal)(DateTimeOffset.UtcNow - started).TotalSeconds;
        Console.WriteLine($"{name}: {sink.Count}, in {Words.Duration(seconds)}");
        return new ConformanceReport(
            [new TargetRun(name, Seed.Value, filter, started, seconds, sink.Faults)],
            [.. sink.Outcomes.Where(outcome => clauses.Includes(outcome.ClauseId)).Select(outcome => outcome with { Target = name })]);
    }

    private static async Task<IReadOnlyList<ITestCase>> DiscoverAsync(ConformanceFramework framework, FrameworkOptions options)
    {
        var sink = new DiscoverySink();
        using var discoverer = framework.GetDiscoverer(Reflector.Wrap(typeof(SuiteRun).Assembly));
        discoverer.Find(false, sink, options);
        return await sink.Cases;
    }
}
