using System.Diagnostics;
using Warden.ConformanceTests.Reporting;
using Xunit;
using Xunit.Abstractions;

namespace Warden.ConformanceTests.Runner;

/// <summary>
/// Prints how tests end as they do, so that what is known has been told when the machine hangs, and keeps what the run is reported by.
/// </summary>
/// <param name="cases">How many there are to run.</param>
/// <param name="limit">After which none begins any more, the time from here on.</param>
internal sealed class RunSink(int cases, TimeSpan? limit) : LongLivedMarshalByRefObject, IMessageSink, IOutcomeReceiver
{
    private readonly List<string> _faults = [];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly bool _tellsAll = Environment.GetEnvironmentVariable("WARDEN_TELL") == "all";
    private int _begun;
    private int _passed;
    private int _failed;
    private int _skipped;

    public Task Done => _done.Task;

    public IReadOnlyList<Outcome> Outcomes { get; private set; } = [];

    /// <summary>What went wrong beside the tests of clauses.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>How many tests ran, as `dotnet test` counts them.</summary>
    public string Summary => $"Failed: {_failed}, Passed: {_passed}, Skipped: {_skipped}, Total: {_failed + _passed + _skipped}";

    private bool IsOver => _watch.Elapsed > limit;

    public void Receive(IReadOnlyList<Outcome> outcomes, Exception? fault)
    {
        Outcomes = outcomes;
        if (fault is not null)
        {
            _faults.Add($"the end of the run: {fault.Message}");
        }
    }

    public bool OnMessage(IMessageSinkMessage message)
    {
        switch (message)
        {
            case ITestCaseStarting:
                _begun++;
                break;
            case ITestFailed failed:
                _failed++;
                var said = string.Join('\n', failed.Messages.SelectMany(text => text.Split('\n')).Take(12).Select(line => $"    {line}"));
                Tell("failed", failed, said);
                if (!ClauseTests.ClausesOf(failed.TestMethod).Any())
                {
                    _faults.Add($"{failed.Test.DisplayName}: {string.Join('\n', failed.Messages)}");
                }

                break;
            case ITestSkipped skipped:
                _skipped++;
                Tell("skipped", skipped, $"    {skipped.Reason}");
                break;
            case ITestResultMessage result:
                _passed++;
                Tell("passed", result, null);
                break;
            case IFailureInformation failure:
                _faults.Add(string.Join('\n', failure.Messages));
                Console.WriteLine($"fault: {_faults[^1]}");
                break;
            case ITestAssemblyFinished:
                if (_begun < cases)
                {
                    _faults.Add($"{cases - _begun} of {cases} tests have not run: the limit of {limit?.TotalSeconds:0} s was over");
                    Console.WriteLine(_faults[^1]);
                }

                _done.SetResult();
                break;
            default:
                break;
        }

        // False ends the run after the tests that have begun.
        return !IsOver;
    }

    private void Tell(string how, ITestResultMessage result, string? said)
    {
        if (how == "failed" || _tellsAll)
        {
            Console.WriteLine($"{_watch.Elapsed:hh\\:mm\\:ss} {how} {result.Test.DisplayName} ({result.ExecutionTime:0.0} s){(said is null ? "" : $"\n{said}")}");
        }
    }
}
