using System.Runtime.Versioning;
using Warden.Linux.Cgroups;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Cgroups;

[SupportedOSPlatform("linux")]
public class UnifiedStatisticsTests
{
    private static ReadOnlySpan<byte> Text => """
        anon 2
        file 1
        kernel 77
        file_mapped 3
        anon_thp 77
        inactive_anon 4
        active_anon 5
        inactive_file 6
        active_file 7
        unevictable 8
        pgfault 9
        pgmajfault 10

        """u8;

    [Fact]
    public void The_fields_of_version_2_have_the_names_of_version_1() =>
        Assert.Equal(
            [
                "cache=1", "rss=2", "mapped_file=3", "pgfault=9", "pgmajfault=10", "inactive_anon=4", "active_anon=5", "inactive_file=6",
                "active_file=7", "unevictable=8", "swap=11", "hierarchical_memory_limit=12", "hierarchical_memsw_limit=13", "total_cache=1",
                "total_rss=2", "total_mapped_file=3", "total_pgfault=9", "total_pgmajfault=10", "total_inactive_anon=4", "total_active_anon=5",
                "total_inactive_file=6", "total_active_file=7", "total_unevictable=8", "total_swap=11",
            ],
            UnifiedStatistics.Memory(Text, 11, 12, 13).Select(field => $"{field.Key}={field.Value}"));

    [Fact]
    public void Where_swap_is_not_accounted_there_is_none() =>
        Assert.DoesNotContain(UnifiedStatistics.Memory(Text, null, 12, null), field => field.Key.Contains("sw", StringComparison.Ordinal));

    [Fact]
    public void CPU_time_is_told_in_nanoseconds_and_ticks()
    {
        var usage = UnifiedStatistics.Cpu("usage_usec 3519999\nuser_usec 2019999\nsystem_usec 1500000\nnice_usec 7\n"u8);

        Assert.Equal((3_519_999_000UL, 201UL, 150UL), (usage.CpuNanoseconds, usage.CpuUserTicks, usage.CpuSystemTicks));
    }

    [Fact]
    public void A_name_that_begins_like_another_is_not_that_one() =>
        Assert.Equal(5000UL, UnifiedStatistics.Cpu("usage_usec_of_others 7\nusage_usec 5\n"u8).CpuNanoseconds);
}
