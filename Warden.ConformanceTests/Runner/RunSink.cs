using Warden.ConformanceTests.Reporting;
using Xunit;
using Xunit.Abstractions;

namespace Warden.ConformanceTests.Runner;

/// <summary>Prints failures as they come, and keeps what the run is reported by.</summary>
internal sealed class RunSink : LongLivedMarshalByRefObject, IMessageSink, IOutcomeReceiver
{
    private readonly List<string> _faults = [];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _failed;
    private int _passed;
    private int _skipped;

    public Task Done => _done.Task;

    public IReadOnlyList<Outcome> Outcomes { get; private set; } = [];

    /// <summary>What went wrong beside the tests.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>How many tests ran, as `dotnet test` counts them.</summary>
    public string Count => $"Failed: {_failed}, Passed: {_passed}, Skipped: {_skipped}, Total: {_failed + _passed + _skipped}";

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
            case ITestFailed failed:
                _failed++;
                Console.WriteLine($"failed: {failed.Test.DisplayName}");
                Console.WriteLine(string.Join('\n', failed.Messages.SelectMany(text => text.Split('\n')).Take(12).Select(line => $"    {line}")));
                break;
            case ITestPassed:
                _passed++;
                break;
            case ITestSkipped:
                _skipped++;
                break;
            case IFailureInformation failure:
                _faults.Add(string.Join('\n', failure.Messages));
                Console.WriteLine($"fault: {_faults[^1]}");
                break;
            case ITestAssemblyFinished:
                _done.SetResult();
                break;
            default:
                break;
        }

        return true;
    }
}
