using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Targets;
using Warden.Spec.Server.Hosting;
using Xunit;

namespace Warden.ConformanceTests.Units.Server;

/// <summary>A signal reaches every server of the process: no test that has one in it runs beside this.</summary>
[Collection(AloneCollection.Name)]
public sealed class DrainSignalTests
{
    [SkippableFact]
    public async Task Sigusr2_drains()
    {
        if (OperatingSystem.IsWindows())
        {
            throw new SkipException("Windows has no such signal");
        }

        var drained = new TaskCompletionSource();
        using var signal = DrainSignal.Register(() => drained.TrySetResult());
        HostSystem.Signal(Environment.ProcessId, HostSystem.SigUsr2);
        await drained.Task.WaitAsync(Deadline.Default);
    }
}
