using System.Diagnostics;
using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Wire;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>
/// Grace time (§3). Every test has a server of its own: a connection of another test would reference its containers. Observers are
/// connections that were open before the container and never name it; time passes by a sleep in a container of the observer's own.
/// </summary>
public abstract class GraceTimeSpecification(Target target) : Specification(target)
{
    /// <summary>A job that tells the host when it is asked to end.</summary>
    private const string TellsItsEnd = "trap 'touch /mnt/ended; exit' TERM; touch /mnt/ready; while :; do sleep 0.05; done";

    /// <summary>
    /// Where a client must come within the grace time, it may be too late on a machine that stands still: then the next, longer one counts.
    /// </summary>
    private static readonly int[] GraceTimes = [1, 3, 10, 30, 90];

    [SkippableTheory]
    [Clause("WRD-GRACE-001")]
    [Clause("WRD-GRACE-006")]
    [InlineData(1)]
    [InlineData(2)]
    public async Task AContainerIsDestroyedItsGraceTimeAfterItsLastConnection(int seconds)
    {
        var observer = await ObserveAsync();
        var (handle, watch) = await CreateAndLeaveAsync(seconds);
        await GoneAsync(observer, handle);

        Assert.True(watch.Elapsed.TotalSeconds >= seconds - 0.2, $"{watch.Elapsed}");
    }

    [SkippableFact]
    [Clause("WRD-GRACE-002")]
    public async Task NoGraceTimeMeansAtOnce()
    {
        var observer = await ObserveAsync();
        var (handle, _) = await CreateAndLeaveAsync(0);

        await GoneAsync(observer, handle);
    }

    [SkippableFact]
    [Clause("WRD-GRACE-003")]
    [Clause("WRD-GRACE-004")]
    public async Task AConnectionKeepsWhatThenExistsUntilItCloses()
    {
        var observer = await ObserveAsync();
        foreach (var seconds in GraceTimes)
        {
            var (handle, watch) = await CreateAndLeaveAsync(seconds);
            await using var keeper = await Server.ConnectAsync();
            await keeper.CallAsync("Ping");
            if (watch.Elapsed.TotalSeconds >= seconds)
            {
                continue;
            }

            await PassAsync(observer, seconds + 1.5);
            Assert.Contains(handle, (await observer.CallAsync("List")).Texts("handles"));

            await keeper.DisposeAsync();
            await GoneAsync(observer, handle);
            return;
        }

        Assert.Fail("no connection was opened within any of the grace times");
    }

    [SkippableFact]
    [Clause("WRD-GRACE-001")]
    [Clause("WRD-GRACE-004")]
    public async Task AConnectionKeepsWhatAnotherOneMadeBeforeAndLeaves()
    {
        var observer = await ObserveAsync();
        await using var creator = await Server.ConnectAsync();
        var handle = (await creator.CallAsync("Create", ("grace_time", 1))).Text("handle");
        var keeper = await ConnectAsync();
        await keeper.CallAsync("Ping");
        await creator.DisposeAsync();
        await PassAsync(observer, 2.5);
        Assert.Contains(handle, (await observer.CallAsync("List")).Texts("handles"));

        await keeper.DisposeAsync();
        await GoneAsync(observer, handle);
    }

    [SkippableFact]
    [Clause("WRD-GRACE-005")]
    public async Task AnOpenConnectionKeepsWhatItNames()
    {
        var observer = await ObserveAsync();
        var keeper = await ConnectAsync();
        await keeper.CallAsync("Ping");
        await using var creator = await Server.ConnectAsync();
        var handle = (await creator.CallAsync("Create", ("grace_time", 1))).Text("handle");
        await InfoAsync(keeper, handle);
        await creator.DisposeAsync();
        await PassAsync(observer, 2.5);
        Assert.Contains(handle, (await observer.CallAsync("List")).Texts("handles"));

        await keeper.DisposeAsync();
        await GoneAsync(observer, handle);
    }

    [SkippableFact]
    [Clause("WRD-GRACE-007")]
    public async Task TheConfiguredGraceTimeHoldsForRequestsWithoutOne()
    {
        await StartServerAsync("server: { container_grace_time: 1 }");
        var observer = await ObserveAsync(start: false);
        var (configured, _) = await CreateAndLeaveAsync(null);
        await GoneAsync(observer, configured);

        var (own, _) = await CreateAndLeaveAsync(600);
        await PassAsync(observer, 2.5);
        Assert.Contains(own, (await observer.CallAsync("List")).Texts("handles"));
    }

    [SkippableFact]
    [Clause("WRD-GRACE-008")]
    public async Task NullMeansNever()
    {
        await StartServerAsync("server: { container_grace_time: null }");
        var observer = await ObserveAsync(start: false);
        var (never, _) = await CreateAndLeaveAsync(null);
        var (soon, _) = await CreateAndLeaveAsync(1);
        await GoneAsync(observer, soon);
        await PassAsync(observer, 1.5);

        Assert.Contains(never, (await observer.CallAsync("List")).Texts("handles"));
    }

    [SkippableFact]
    [Clause("WRD-GRACE-012")]
    public async Task AConnectionThatEndsByHalfCloseReferencesNothing()
    {
        var observer = await ObserveAsync();
        var creator = await ConnectAsync();
        var handle = (await creator.CallAsync("Create", ("grace_time", 0))).Text("handle");
        creator.ShutdownSend();
        await creator.ExpectEndAsync();

        await GoneAsync(observer, handle);
    }

    [SkippableTheory]
    [Clause("WRD-GRACE-009")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TheTimerOfARecoveredContainerStartsInFull(bool crash)
    {
        await CreateTellingAsync(2);
        await (crash ? Server.CrashAsync() : Server.DrainAsync());
        var watch = Stopwatch.StartNew();
        await Server.StartAsync();
        await Deadline.UntilAsync("the container is destroyed", () => Task.FromResult(File.Exists(Host["shared/ended"])));

        // The watch runs from before the start, so that no timer can have begun earlier.
        Assert.True(watch.Elapsed.TotalSeconds >= 1.8, $"{watch.Elapsed}");
    }

    [SkippableFact]
    [Clause("WRD-GRACE-010")]
    public async Task DrainStartsNoTimer()
    {
        // Far longer than any machine takes to start a server and to connect to it.
        var handle = await CreateTellingAsync((int)(10 * Deadline.Default.TotalSeconds));
        await Server.RestartAsync(crash: false);
        var connection = await ConnectAsync();

        Assert.Contains(handle, (await connection.CallAsync("List")).Texts("handles"));
        Assert.False(File.Exists(Host["shared/ended"]));
    }

    [SkippableFact]
    [Clause("WRD-GRACE-010")]
    public async Task ADrainDestroysNothingThatWouldBeDestroyedAtOnce()
    {
        await CreateTellingAsync(0);
        await Server.DrainAsync();

        Assert.False(File.Exists(Host["shared/ended"]));
    }

    [SkippableFact]
    [Clause("WRD-GRACE-011")]
    public async Task AConnectionAfterTheRestartKeepsARecoveredContainer()
    {
        foreach (var seconds in GraceTimes.Skip(1))
        {
            var handle = await CreateTellingAsync(seconds, $"shared{seconds}");
            await Server.CrashAsync();
            var watch = Stopwatch.StartNew();
            await Server.StartAsync();
            var connection = await ConnectAsync();
            await connection.CallAsync("Ping");
            if (watch.Elapsed.TotalSeconds >= seconds)
            {
                continue;
            }

            await PassAsync(connection, seconds + 1);
            Assert.Contains(handle, (await connection.CallAsync("List")).Texts("handles"));
            Assert.False(File.Exists(Host[$"shared{seconds}/ended"]));
            return;
        }

        Assert.Fail("no connection was opened within any of the grace times");
    }

    private async Task<WireConnection> ObserveAsync(bool start = true)
    {
        if (start)
        {
            await StartServerAsync();
        }

        var observer = await ConnectAsync();
        await observer.CallAsync("Ping");
        return observer;
    }

    /// <summary>The watch runs from before the connection closed, so that its grace time cannot have begun earlier.</summary>
    private async Task<(string Handle, Stopwatch Watch)> CreateAndLeaveAsync(int? seconds)
    {
        await using var creator = await Server.ConnectAsync();
        var handle = (await creator.CallAsync("Create", ("grace_time", seconds))).Text("handle");
        return (handle, Stopwatch.StartNew());
    }

    private async Task<string> CreateTellingAsync(int seconds, string directory = "shared")
    {
        await StartServerAsync();
        var mount = new WireMessage("BindMount", ("src_path", Host.Make(directory)), ("dst_path", "/mnt"), ("mode", 1));
        var connection = await ConnectAsync();
        var handle = (await connection.CallAsync("Create", ("grace_time", seconds), ("bind_mounts", mount))).Text("handle");
        await SpawnAsync(connection, handle, TellsItsEnd);
        await Deadline.UntilAsync("the job runs", () => Task.FromResult(File.Exists(Host[$"{directory}/ready"])));
        return handle;
    }

    /// <summary>Lets server time pass, by a job.</summary>
    private static async Task PassAsync(WireConnection observer, double seconds)
    {
        var handle = (await observer.CallAsync("Create")).Text("handle");
        await RunAsync(observer, handle, FormattableString.Invariant($"sleep {seconds}"));
        await observer.CallAsync("Destroy", ("handle", handle));
    }
}
