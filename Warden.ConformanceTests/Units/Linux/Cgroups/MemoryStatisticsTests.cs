using System.Runtime.Versioning;
using System.Text;
using Warden.Linux.Cgroups;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Cgroups;

[SupportedOSPlatform("linux")]
public class MemoryStatisticsTests
{
    [Fact]
    public void The_fields_of_the_protocol_are_taken_whatever_stands_between_them()
    {
        var text = "cache 1\nrss 2\nrss_huge 77\nshmem 77\npgpgin 3\nswap 4\nhierarchical_memory_limit 9223372036854771712\ntotal_cache 5\n"
            + "total_workingset_refault_anon 77\ntotal_rss 6\ntotal_inactive_file 7\n";

        var fields = MemoryStatistics.Parse(Encoding.ASCII.GetBytes(text));

        Assert.Equal(
            ["cache=1", "rss=2", "pgpgin=3", "swap=4", "hierarchical_memory_limit=9223372036854771712", "total_cache=5", "total_rss=6", "total_inactive_file=7"],
            fields.Select(field => $"{field.Key}={field.Value}"));
    }

    [Fact]
    public void Order_does_not_matter_and_a_cut_line_is_passed_over() =>
        Assert.Equal(
            ["total_unevictable=9", "cache=8"],
            MemoryStatistics.Parse("total_unevictable 9\ncache 8\nrss"u8).Select(field => $"{field.Key}={field.Value}"));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    public void A_limit_is_rounded_up_to_a_page(ulong pages, ulong kept)
    {
        var page = (ulong)Environment.SystemPageSize;

        Assert.Equal(kept * page, MemoryGroup.RoundUp(pages * page));
        Assert.Equal((kept + 1) * page, MemoryGroup.RoundUp((pages * page) + 1));
    }

    [Fact]
    public void A_limit_that_the_kernel_cannot_count_is_none() =>
        Assert.True(MemoryGroup.RoundUp(ulong.MaxValue) is > long.MaxValue - 65536UL and <= long.MaxValue);
}
