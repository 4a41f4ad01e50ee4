using Warden.ConformanceTests.Targets;
using Warden.Spec.Clauses;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>What a container, its root included, does not reach on a host with a Linux kernel (§3).</summary>
public abstract class ConfinementSpecification(Target target) : Specification(target)
{
    [SkippableTheory]
    [Clause("WRD-CONFINE-001")]
    [InlineData("c 5 1")] // the machine's console
    [InlineData("c 4 1")] // a virtual terminal
    [InlineData("c 1 1")] // memory
    [InlineData("c 1 11")] // the kernel's log
    [InlineData("c 10 200")] // tun
    [InlineData("c 10 237")] // loop-control
    [InlineData("b 7 0")] // a loop device
    [InlineData("b 8 0")] // a disk
    public async Task ADeviceNodeOpensNothingOfTheHost(string device)
    {
        Need(ClauseNeeds.LinuxKernel);
        var (connection, handle) = await ConnectAndCreateAsync();
        var result = await RunAsync(
            connection,
            handle,
            $"mknod /tmp/node {device} && for how in '<' '>'; do bash -c \"exec 3$how/tmp/node\" && echo opened; done",
            ("privileged", true));

        Assert.Equal("", result.Output);
        Assert.Equal(2, result.Error.Split('\n').Count(line => line.EndsWith("/tmp/node: Operation not permitted", StringComparison.Ordinal)));
    }

    [SkippableFact]
    [Clause("WRD-CONFINE-002")]
    public async Task TheContainersOwnDevicesWork()
    {
        Need(ClauseNeeds.LinuxKernel);
        var (connection, handle) = await ConnectAndCreateAsync();
        const string Use = """
            echo lost > /dev/null && head -c 4 /dev/zero | wc -c && head -c 4 /dev/urandom | wc -c
            echo x 2> /dev/null > /dev/full || echo full
            script -qec 'tty < /dev/tty' /dev/null < /dev/null | tr -d '\r'
            """;
        foreach (var privileged in (bool[])[false, true])
        {
            Assert.Equal("4\n4\nfull\n/dev/pts/0\n", await OutputAsync(connection, handle, Use, ("privileged", privileged)));
        }
    }
}
