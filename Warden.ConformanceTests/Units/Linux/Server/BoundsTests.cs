using System.Runtime.Versioning;
using Warden.ConformanceTests.Support;
using Warden.Linux.Backend;
using Warden.Linux.Cgroups;
using Warden.Linux.Filesystem;
using Warden.Spec.Backend;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Server;

/// <summary>What containers may take of the host's processes, memory files and watches.</summary>
[SupportedOSPlatform("linux")]
public sealed class BoundsTests
{
    private const long Mebibyte = 1 << 20;
    private const ulong None = 9223372036854771712;

    [Theory]
    [InlineData(32768, 28672, 4096)] // the host keeps an eighth, 4096
    [InlineData(4194304, 3670016, 4096)]
    [InlineData(16384, 12288, 4096)] // the host keeps 4096
    [InlineData(10000, 5904, 2952)] // one container has half
    [InlineData(4096, 2048, 1024)] // the host keeps half
    public void Containers_leave_the_host_processes_and_one_has_half_of_theirs_at_most(int numbers, int total, int each) =>
        Assert.Equal(new ProcessBounds(total, each), ProcessBounds.Of(numbers, Settings()));

    [Theory]
    [InlineData(0, false, 0)]
    [InlineData(20000, false, 20000)]
    [InlineData(100, false, 100)]
    [InlineData(100, true, 0)]
    public void A_configured_limit_of_processes_holds_as_it_is(int configured, bool nested, int each) =>
        Assert.Equal(new ProcessBounds(28672, each), ProcessBounds.Of(32768, Settings() with { ProcessLimit = configured, AllowNestedWarden = nested }));

    [Theory]
    [InlineData(None, null, 16384, 2048)]
    [InlineData(None, null, 256, 64)]
    [InlineData(512, null, 16384, 512)]
    [InlineData(8, null, 16384, 64)]
    [InlineData(None, 100, 16384, 100)]
    [InlineData(512, 1024, 16384, 512)]
    [InlineData(512, 32, 16384, 32)]
    [InlineData(8, 32, 16384, 32)]
    public void Shared_memory_is_the_smallest_of_the_limit_and_an_eighth_of_the_hosts_and_at_least_64_MiB(ulong limit, int? configured, long host, long size) =>
        Assert.Equal(
            size * Mebibyte, SharedMemory.SizeFor(limit == None ? limit : limit * (ulong)Mebibyte, configured * Mebibyte, host * Mebibyte));

    [Fact]
    public void Low_bounds_of_inotify_are_raised_on_a_host_of_its_own_and_high_ones_stay()
    {
        using var directory = new TemporaryDirectory();
        directory.Write("max_user_instances", "128\n");
        directory.Write("max_user_watches", "2000000\n");

        var inner = new InotifyLimits(directory.Path, isHost: false);
        Assert.Equal(["fs.inotify.max_user_instances=8192"], inner.Low());
        inner.Raise();
        Assert.Equal("128\n", File.ReadAllText(directory["max_user_instances"]));

        var host = new InotifyLimits(directory.Path, isHost: true);
        host.Raise();
        Assert.Equal("8192\n", File.ReadAllText(directory["max_user_instances"]));
        Assert.Equal("2000000\n", File.ReadAllText(directory["max_user_watches"]));
        Assert.Empty(host.Low());

        // What is not there stays so, as in a kernel without inotify.
        var none = new InotifyLimits(directory["none"], isHost: true);
        none.Raise();
        Assert.Empty(none.Low());
    }

    private static BackendSettings Settings() => new() { DepotPath = "/d", Pool = System.Net.IPNetwork.Parse("10.0.0.0/24") };
}
