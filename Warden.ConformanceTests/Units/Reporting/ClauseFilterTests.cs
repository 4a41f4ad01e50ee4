using Warden.ConformanceTests.Reporting;
using Xunit;

namespace Warden.ConformanceTests.Units.Reporting;

/// <summary>Which clauses a filter asks for.</summary>
public sealed class ClauseFilterTests
{
    [Theory]
    [InlineData(null, true)]
    [InlineData("", true)]
    [InlineData("WRD-PING-002", true)]
    [InlineData("ping", true)]
    [InlineData("STREAM, PI*", true)]
    [InlineData("WRD-P*", true)]
    [InlineData("WRD-PING-001", false)]
    [InlineData("STREAM,NET*", false)]
    [InlineData("PIN", null)]
    [InlineData("STREAM,WRD-NONE-001", null)]
    public void AFilterNamesIdsAndFeatures(string? filter, bool? included)
    {
        if (included is { } expected)
        {
            Assert.Equal(expected, ClauseFilter.Parse(filter).Includes("WRD-PING-002"));
        }
        else
        {
            Assert.Throws<FormatException>(() => ClauseFilter.Parse(filter));
        }
    }
}
