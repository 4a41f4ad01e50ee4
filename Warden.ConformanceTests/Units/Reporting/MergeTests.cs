using Warden.ConformanceTests.Reporting;
using Xunit;
using static Warden.ConformanceTests.Units.Reporting.Reports;

namespace Warden.ConformanceTests.Units.Reporting;

/// <summary>Several runs in one report, and reports read back.</summary>
public sealed class MergeTests
{
    [Fact]
    public void TargetsStandSideBySide()
    {
        var merged = ConformanceReport.Merge(Of(Ended(Verdict.Pass)), Of(Ended(Verdict.Fail, "why", "emulator")));

        Assert.Equal(["linux", "emulator"], merged.Targets);
        Assert.Equal(
            [Verdict.Pass, Verdict.Fail],
            Judgement.OfAll(merged, KnownDifferences.None).Where(result => result.Clause.Id == Echo).Select(result => result.Verdict));
    }

    [Fact]
    public void PartsOfATargetAddUp()
    {
        var merged = ConformanceReport.Merge(
            new ConformanceReport([Run("linux", "PING")], [Ended(Verdict.Pass)]),
            new ConformanceReport([Run("linux", "FRAME")], [Ended(Verdict.Pass, clause: Torn), Ended(Verdict.Pass, clause: Torn, test: 1)]));

        Assert.Equal(["linux"], merged.Targets);
        Assert.Equal(Verdict.Pass, Judge(Echo, merged).Verdict);
        Assert.Equal(Verdict.Pass, Judge(Torn, merged).Verdict);
        Assert.Equal("the run was asked for other clauses", Judge("WRD-STREAM-001", merged).Reason);
    }

    [Fact]
    public void AFailureOfEitherRunStays()
    {
        var merged = ConformanceReport.Merge(
            new ConformanceReport([Run("linux", seed: 1)], [Ended(Verdict.Fail, "once")]),
            new ConformanceReport([Run("linux", seed: 2)], [Ended(Verdict.Pass)]));

        Assert.Equal((Verdict.Fail, "once"), (Judge(Echo, merged).Verdict, Judge(Echo, merged).Reason));
    }

    [Fact]
    public void WhatIsGivenTwiceCountsOnce()
    {
        var report = Of(Ended(Verdict.Pass));
        var merged = ConformanceReport.Merge(report, ConformanceReport.Merge(report, report));

        Assert.Single(merged.Runs);
        Assert.Equal(0.5m, Judge(Echo, merged).Seconds);
    }

    [Fact]
    public void AReportIsReadAsItWasWritten()
    {
        var report = new ConformanceReport(
            [Run("unix:/a\"<b>", "PING,FRAME") with { Faults = ["left: é"] }],
            [
                Ended(Verdict.Fail, "line\nline \0", "unix:/a\"<b>", transcript: "→ {}"),
                Ended(Verdict.NotJudged, "no kernel", "unix:/a\"<b>", Torn),
            ]);
        var text = ReportJson.Write(report, Judgement.OfAll(report, KnownDifferences.None));
        var read = ReportJson.Read(text);

        Assert.Equal(report.Outcomes.OrderBy(outcome => outcome.ClauseId), read.Outcomes.OrderBy(outcome => outcome.ClauseId));
        Assert.Equivalent(report.Runs, read.Runs);
        Assert.Equal(text, ReportJson.Write(read, Judgement.OfAll(read, KnownDifferences.None)));
    }

    [Theory]
    [InlineData("", "it is no report")]
    [InlineData("{}", "it is no report")]
    [InlineData("{\"runs\":[],\"targets\":[],\"results\":[{\"id\":\"WRD-NONE-001\",\"tests\":[]}]}", "it is of another suite")]
    public void AnythingElseIsRefused(string text, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<FormatException>(() => ReportJson.Read(text)).Message);
}
