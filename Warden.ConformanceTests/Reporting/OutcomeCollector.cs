using Warden.ConformanceTests.Targets;
using Xunit.Abstractions;

namespace Warden.ConformanceTests.Reporting;

/// <summary>Collects outcomes from whatever threads tests end on.</summary>
public sealed class OutcomeCollector
{
    private readonly List<Outcome> _outcomes = [];

    public IReadOnlyList<Outcome> Outcomes
    {
        get
        {
            lock (_outcomes)
            {
                return [.. _outcomes];
            }
        }
    }

    public void Add(ITestResultMessage result, Verdict verdict, string? reason)
    {
        var className = result.TestClass.Class.Name.Split('.')[^1];
        var target = Target.All.FirstOrDefault(candidate => className.StartsWith(candidate.Name, StringComparison.Ordinal))?.Name ?? Outcome.Once;
        var transcript = verdict == Verdict.Fail ? RecordingMessageBus.TranscriptOf(result.Test) : null;
        lock (_outcomes)
        {
            foreach (var clause in ClauseTests.ClausesOf(result.TestMethod))
            {
                _outcomes.Add(new Outcome(clause, target, result.Test.DisplayName, verdict, reason, result.ExecutionTime, transcript));
            }
        }
    }
}
