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
    public void More_shares_never_weigh_less_and_every_weight_has_shares_that_weigh_it()
    {
        var weights = Enumerable.Range(2, 262143).Select(shares => CpuWeight.FromShares((ulong)shares)).ToList();

        Assert.Equal(weights.Order(), weights);
        Assert.All(Enumerable.Range(1, 10000), weight => Assert.Equal((ulong)weight, CpuWeight.FromShares(CpuWeight.ToShares((ulong)weight))));
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
