using System.Runtime.CompilerServices;
using Warden.ConformanceTests.Wire;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Warden.ConformanceTests.Reporting;

/// <summary>
/// Begins a log of the wire with each test. xunit tells of a test's start from the flow that goes on to run it, so that the log is the current
/// one of all that the test does, and of nothing else.
/// </summary>
internal sealed class RecordingMessageBus(IMessageBus inner) : IMessageBus
{
    private static readonly ConditionalWeakTable<ITest, WireLog> Logs = [];

    /// <summary>What went over the wire in a test, or null.</summary>
    public static string? TranscriptOf(ITest test) =>
        Logs.TryGetValue(test, out var log) && log.ToString() is { Length: > 0 } text ? text : null;

    public bool QueueMessage(IMessageSinkMessage message)
    {
        if (message is ITestStarting starting)
        {
            Logs.Add(starting.Test, WireLog.Begin());
        }

        return inner.QueueMessage(message);
    }

    public void Dispose() => inner.Dispose();
}
