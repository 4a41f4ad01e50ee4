using Warden.ConformanceTests.Reporting;
using Warden.Spec.Clauses;
using Xunit;
using static Warden.ConformanceTests.Units.Reporting.Reports;

namespace Warden.ConformanceTests.Units.Reporting;

/// <summary>The suite in parts for several machines.</summary>
public sealed class ShardTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    public void EachClauseIsInOnePartAndEachTestToo(int count)
    {
        var shards = Parts(count);

        Assert.All(ClauseCatalogue.All, clause => Assert.Single(shards, shard => shard.Includes(clause.Id)));
        Assert.All(ClauseTests.Together, clauses => Assert.Single(shards, shard => clauses.Any(shard.Includes)));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    public void ThePartsAreAboutAsLargeAsEachOther(int count)
    {
        var sizes = Parts(count).Select(shard => ClauseTests.Together.Count(clauses => clauses.Any(shard.Includes))).ToList();

        Assert.True(sizes.Min() * 2 > sizes.Max(), string.Join(", ", sizes));
    }

    [Fact]
    public void AFilterTakesNothingToAnotherPart()
    {
        var whole = Parts(4).Select(shard => ClauseFilter.Parse(null, shard.ToString())).ToList();
        var filtered = Parts(4).Select(shard => ClauseFilter.Parse("NET*,PING", shard.ToString())).ToList();

        foreach (var clause in ClauseCatalogue.All)
        {
            var part = whole.FindIndex(filter => filter.Includes(clause.Id));
            Assert.Equal(ClauseFilter.Parse("NET*,PING").Includes(clause.Id) ? part : -1, filtered.FindIndex(filter => filter.Includes(clause.Id)));
        }
    }

    [Fact]
    public void ReportsOfAllPartsAreThatOfTheWhole()
    {
        var perfect = Perfect("linux");
        var parts = Parts(3).Select(shard => new ConformanceReport(
            [perfect.Runs[0] with { Shard = shard.ToString() }],
            [.. perfect.Outcomes.Where(outcome => shard.Includes(outcome.ClauseId))])).ToList();

        Assert.True(Summarise(ConformanceReport.Merge(parts)).IsConformant);

        var lacking = Summarise(ConformanceReport.Merge(parts[..2]));
        Assert.False(lacking.IsConformant);
        Assert.Equal(2, lacking.Runs.Count);
    }

    [Fact]
    public void WhatAnotherPartHasWasNotAskedFor()
    {
        var part = Parts(2).Single(shard => !shard.Includes(Echo));
        var report = new ConformanceReport([Run("linux") with { Shard = part.ToString() }], []);

        Assert.Equal("the run was asked for other clauses", Judge(Echo, report).Reason);
        Assert.Equal(part.ToString(), ReportJson.Read(ReportJson.Write(report, [])).Runs.Single().Shard);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("0/2")]
    [InlineData("3/2")]
    [InlineData("1/0")]
    [InlineData("-1/2")]
    [InlineData("1/2/3")]
    [InlineData("1/1001")]
    [InlineData("a/b")]
    public void AnythingElseIsRefused(string text) =>
        Assert.Contains("a shard is I/N", Assert.Throws<FormatException>(() => Shard.Parse(text)).Message);

    private static List<Shard> Parts(int count) => [.. Enumerable.Range(1, count).Select(number => Shard.Parse($"{number}/{count}")!)];
}
