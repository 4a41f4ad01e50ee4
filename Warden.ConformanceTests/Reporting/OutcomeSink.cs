using Warden.ConformanceTests.Targets;
using Xunit.Abstractions;

namespace Warden.ConformanceTests.Reporting;

/// <summary>Passes on every message, and collects the outcomes of tests that name a clause.</summary>
public sealed class OutcomeSink(IMessageSink inner) : Xunit.LongLivedMarshalByRefObject, IMessageSink, IDisposable
{
    private readonly OutcomeCollector _collector = new();
    private readonly DateTimeOffset _started = DateTimeOffset.UtcNow;

    public bool OnMessage(IMessageSinkMessage message)
    {
        switch (message)
        {
            case ITestPassed passed:
                _collector.Add(passed, Verdict.Pass, null);
                break;
            case ITestFailed failed:
                _collector.Add(failed, Verdict.Fail, string.Join(Environment.NewLine, failed.Messages));
                break;
            case ITestSkipped skipped:
                _collector.Add(skipped, Verdict.NotJudged, skipped.Reason);
                break;
            case ITestAssemblyFinished:
                Finish();
                break;
            default:
                break;
        }

        return inner.OnMessage(message);
    }

    public void Dispose()
    {
        // The message bus disposes its sink; what it wraps belongs to the runner.
    }

    private void Finish()
    {
        var fault = EndTargets();
        if (inner is IOutcomeReceiver receiver)
        {
            receiver.Receive(_collector.Outcomes, fault);
            return;
        }

        if (fault is not null)
        {
            ReportWriter.WriteFault(fault);
        }

        if (_collector.Outcomes.Count > 0)
        {
            ReportWriter.Write(_collector.Outcomes, _started);
        }
    }

    private static Exception? EndTargets()
    {
        // The runner calls on a thread of its own and awaits nothing.
        try
        {
            Task.WhenAll(Target.All.Select(target => target.EndAsync())).GetAwaiter().GetResult();
            return null;
        }
#pragma warning disable CA1031 // No test is left to fail: the run's own file says it, and what calls the run looks there.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return exception;
        }
    }
}
