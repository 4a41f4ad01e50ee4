using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Wire;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>LimitBandwidth and LimitCpu (§5): what is kept and read back.</summary>
public abstract class BandwidthAndCpuSpecification(Target target) : Specification(target)
{
    private const ulong Unlimited = 4294967295;

    [SkippableFact]
    [Clause("WRD-BANDWIDTH-001")]
    [Clause("WRD-BANDWIDTH-002")]
    [Clause("WRD-BANDWIDTH-003")]
    [Clause("WRD-BANDWIDTH-005")]
    public async Task RateAndBurstAreSetAndReadBack()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        Expect(await connection.CallAsync("LimitBandwidth", ("handle", handle)), Unlimited, Unlimited);
        foreach (var (rate, burst) in ((ulong, ulong)[])[(100000, 1000), (200000, 2000), (12345678, 54321)])
        {
            Expect(await connection.CallAsync("LimitBandwidth", ("handle", handle), ("rate", rate), ("burst", burst)), rate, burst);
            Expect(await connection.CallAsync("LimitBandwidth", ("handle", handle)), rate, burst);
            var stat = (await InfoAsync(connection, handle)).Message("bandwidth_stat");
            Assert.Equal(
                (rate, burst, rate, burst), (stat.Number("in_rate"), stat.Number("in_burst"), stat.Number("out_rate"), stat.Number("out_burst")));
        }
    }

    [SkippableFact]
    [Clause("WRD-BANDWIDTH-004")]
    public async Task OneAbsentOrZeroIsAnErrorAndTheOldLimitStays()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        await connection.CallAsync("LimitBandwidth", ("handle", handle), ("rate", 100000), ("burst", 1000));
        foreach (var (rate, burst) in ((ulong?, ulong?)[])[(5, null), (null, 5), (0, 5), (5, 0), (0, 0)])
        {
            Assert.NotEqual("", await connection.FailAsync("LimitBandwidth", ("handle", handle), ("rate", rate), ("burst", burst)));
        }

        Expect(await connection.CallAsync("LimitBandwidth", ("handle", handle)), 100000, 1000);
    }

    [SkippableFact]
    [Clause("WRD-CPU-001")]
    [Clause("WRD-CPU-002")]
    [Clause("WRD-CPU-003")]
    public async Task SharesAreSetWithinTheirBounds()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        foreach (var (asked, got) in ((ulong?, ulong)[])
            [(null, 1024), (100, 100), (null, 100), (2, 2), (1, 2), (0, 2), (262144, 262144), (262145, 262144), (ulong.MaxValue, 262144), (null, 262144)])
        {
            Assert.Equal(got, (await connection.CallAsync("LimitCpu", ("handle", handle), ("limit_in_shares", asked))).Number("limit_in_shares"));
        }
    }

    private static void Expect(WireMessage answer, ulong rate, ulong burst) =>
        Assert.Equal((rate, burst), (answer.Number("rate"), answer.Number("burst")));
}
