using Xunit;
using Xunit.Abstractions;

namespace Warden.ConformanceTests.Runner;

/// <summary>Collects the tests of the suite.</summary>
internal sealed class DiscoverySink : LongLivedMarshalByRefObject, IMessageSink
{
    private readonly List<ITestCase> _cases = [];
    private readonly TaskCompletionSource<IReadOnlyList<ITestCase>> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<IReadOnlyList<ITestCase>> Cases => _done.Task;

    public bool OnMessage(IMessageSinkMessage message)
    {
        if (message is ITestCaseDiscoveryMessage discovered)
        {
            _cases.Add(discovered.TestCase);
        }
        else if (message is IDiscoveryCompleteMessage)
        {
            _done.SetResult(_cases);
        }

        return true;
    }
}
