using Warden.ConformanceTests.Reporting;
using Xunit;
using static Warden.ConformanceTests.Units.Reporting.Reports;

namespace Warden.ConformanceTests.Units.Reporting;

/// <summary>Differences that are known, with their reasons.</summary>
public sealed class KnownDifferenceTests
{
    private const string Known = $"# why\n\nlinux {Echo} it is deaf\nunix:* {Torn}\t it stutters \r\n";

    [Fact]
    public void AKnownFailureIsNoFailureAndNoPass()
    {
        var report = Of(Ended(Verdict.Fail, "no answer"));

        Assert.Equal((Verdict.KnownDifference, "it is deaf\nno answer"), (Judge(Echo, report, Known).Verdict, Judge(Echo, report, Known).Reason));
        Assert.False(Summarise(report, Known).HasFailed);
        Assert.False(Summarise(report, Known).IsConformant);
        Assert.True(Summarise(report).HasFailed);
    }

    [Fact]
    public void AnUnexpectedPassFails()
    {
        var report = Of(Ended(Verdict.Pass));

        Assert.Equal(Verdict.UnexpectedPass, Judge(Echo, report, Known).Verdict);
        Assert.True(Summarise(report, Known).HasFailed);
    }

    [Fact]
    public void WhatIsNotJudgedStaysSo() => Assert.Equal(Verdict.NotJudged, Judge(Echo, Of(Ended(Verdict.NotJudged, "no kernel")), Known).Verdict);

    [Fact]
    public void AnEntryIsAboutItsTargetsAlone()
    {
        Assert.Equal(Verdict.Fail, Judge(Echo, Of(Ended(Verdict.Fail, target: "linux2")), Known).Verdict);
        Assert.Equal(Verdict.KnownDifference, Judge(Torn, Of(Ended(Verdict.Fail, target: "unix:/a b", clause: Torn)), Known).Verdict);
    }

    [Theory]
    [InlineData("linux WRD-PING-002", "line 1: a target, a clause and a reason are expected")]
    [InlineData("\nlinux WRD-NONE-001 why", "line 2: there is no clause WRD-NONE-001")]
    [InlineData("linux WRD-PING-002 why\nlinux WRD-PING-002 why not", "line 2: WRD-PING-002 on linux is there already")]
    public void AWrongLineIsRefused(string text, string expected) =>
        Assert.EndsWith(expected, Assert.Throws<FormatException>(() => KnownDifferences.Parse(text)).Message);

    [Fact]
    public void TheSuitesOwnFileIsRight() => KnownDifferences.Read(null);
}
