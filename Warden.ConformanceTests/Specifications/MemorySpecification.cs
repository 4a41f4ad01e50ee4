using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Targets;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>LimitMemory (§5).</summary>
public abstract class MemorySpecification(Target target) : Specification(target)
{
    private const ulong Unlimited = 9223372036854771712;
    private const string TakesSixtyFourMebibytes = "head -c 64M /dev/zero | tail -c 64M > /dev/null; echo status $?";

    [SkippableFact]
    [Clause("WRD-MEMORY-001")]
    [Clause("WRD-MEMORY-002")]
    [Clause("WRD-MEMORY-003")]
    [Clause("WRD-MEMORY-004")]
    public async Task ALimitIsSetRoundedAndReadBack()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        Assert.Equal(Unlimited, await LimitAsync(null));
        Assert.Equal(104857600UL, await LimitAsync(104857600));
        Assert.Equal(104857600UL, await LimitAsync(null));
        Assert.Equal(209715200UL, await LimitAsync(209715200));
        Assert.Equal(52428800UL, await LimitAsync(52428800));
        Assert.Equal(52432896UL, await LimitAsync(52428801));
        Assert.Equal(52432896UL, await LimitAsync(52432895));
        Assert.Equal(52432896UL, await LimitAsync(null));

        async Task<ulong> LimitAsync(long? bytes) =>
            (await connection.CallAsync("LimitMemory", ("handle", handle), ("limit_in_bytes", bytes))).Number("limit_in_bytes");
    }

    [SkippableFact]
    [Clause("WRD-MEMORY-005")]
    [Clause("WRD-MEMORY-006")]
    [Clause("WRD-MEMORY-010")]
    public async Task OverTheLimitTheContainerStopsAndNoOther()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var other = await CreateAsync(connection);
        await connection.CallAsync("LimitMemory", ("handle", handle), ("limit_in_bytes", 16 << 20));
        await connection.CallAsync("LimitMemory", ("handle", other), ("limit_in_bytes", 16 << 20));
        var result = await RunAsync(connection, handle, TakesSixtyFourMebibytes);

        // The stop that follows may end the script before it tells.
        Assert.True(result.Output == "status 137\n" || result is { Status: 255, Output: "" }, $"{result}");

        await Deadline.UntilAsync("the container is stopped", async () => (await InfoAsync(connection, handle)).Text("state") == "stopped");
        Assert.Equal(["out of memory"], (await InfoAsync(connection, handle)).Texts("events"));
        Assert.Equal(
            "Container state must be one of 'active', current state is 'stopped'",
            await connection.FailAsync("Run", ("handle", handle), ("script", "true")));
        Assert.Equal("active", (await InfoAsync(connection, other)).Text("state"));
        Assert.Empty((await InfoAsync(connection, other)).Texts("events"));
        Assert.Equal("fine\n", await OutputAsync(connection, other, "echo fine"));
    }

    [SkippableFact]
    [Clause("WRD-MEMORY-007")]
    public async Task ALimitBelowWhatIsInUseIsRefused()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        await connection.CallAsync("LimitMemory", ("handle", handle), ("limit_in_bytes", 256 << 20));
        await SpawnAsync(
            connection, handle, "(head -c 64M /dev/zero; touch /tmp/ready; while ! test -e /tmp/go; do sleep 0.05; done) | tail -c 64M > /dev/null");
        await FileAppearsAsync(connection, handle, "/tmp/ready");

        Assert.StartsWith(
            "Failed setting memory limit: ",
            await connection.FailAsync("LimitMemory", ("handle", handle), ("limit_in_bytes", 8 << 20)));
        Assert.Equal(256UL << 20, (await connection.CallAsync("LimitMemory", ("handle", handle))).Number("limit_in_bytes"));
        Assert.Equal("active", (await InfoAsync(connection, handle)).Text("state"));
    }

    [SkippableFact]
    [Clause("WRD-MEMORY-008")]
    public async Task WithinTheLimitNothingHappens()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        await connection.CallAsync("LimitMemory", ("handle", handle), ("limit_in_bytes", 256 << 20));

        Assert.Equal("status 0\n", await OutputAsync(connection, handle, TakesSixtyFourMebibytes));
        Assert.Equal("active", (await InfoAsync(connection, handle)).Text("state"));
    }
}
