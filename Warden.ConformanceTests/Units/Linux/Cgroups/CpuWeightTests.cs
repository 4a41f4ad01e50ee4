using System.Runtime.Versioning;
using Warden.Linux.Cgroups;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Cgroups;

[SupportedOSPlatform("linux")]
public class CpuWeightTests
{
    [Theory]
    [InlineData(2, 1)]
    [InlineData(1024, 100)]
    [InlineData(262144, 10000)]
    public void The_least_the_usual_and_the_most_are_those_of_version_2(ulong shares, ulong weight)
    {
        Assert.Equal(weight, CpuWeight.FromShares(shares));
        Assert.Equal(shares, CpuWeight.ToShares(weight));
    }

    [Fact]
    public void More_shares_never_weigh_less_and_a_weight_has_shares_that_weigh_it()
    {
        var last = 0UL;
        for (var shares = 2UL; shares <= 262144; shares++)
        {
            var weight = CpuWeight.FromShares(shares);
            if (weight != last)
            {
                Assert.InRange(weight, last, 10000UL);
                Assert.Equal(weight, CpuWeight.FromShares(CpuWeight.ToShares(weight)));
                last = weight;
            }
        }
    }

    [Fact]
    public void What_is_out_of_range_is_brought_into_it()
    {
        Assert.Equal(1UL, CpuWeight.FromShares(0));
        Assert.Equal(10000UL, CpuWeight.FromShares(ulong.MaxValue));
        Assert.Equal(2UL, CpuWeight.ToShares(0));
        Assert.Equal(262144UL, CpuWeight.ToShares(ulong.MaxValue));
    }
}
