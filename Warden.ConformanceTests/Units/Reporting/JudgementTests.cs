using Warden.ConformanceTests.Reporting;
using Xunit;
using static Warden.ConformanceTests.Units.Reporting.Reports;

namespace Warden.ConformanceTests.Units.Reporting;

/// <summary>What is said of a clause, and of a target.</summary>
public sealed class JudgementTests
{
    [Fact]
    public void AClausePassesWithAllOfItsTests() => Assert.Equal(
        (Verdict.Pass, null), Told(Judge(Torn, Of(Ended(Verdict.Pass, clause: Torn), Ended(Verdict.Pass, clause: Torn, test: 1)))));

    [Fact]
    public void OneFailureFailsIt() => Assert.Equal(
        (Verdict.Fail, "why"), Told(Judge(Torn, Of(Ended(Verdict.Pass, clause: Torn), Ended(Verdict.Fail, "why", clause: Torn, test: 1)))));

    [Fact]
    public void ASkippedTestLeavesItUnjudged() => Assert.Equal(
        (Verdict.NotJudged, "no kernel (1 of its 2 tests passed)"),
        Told(Judge(Torn, Of(Ended(Verdict.Pass, clause: Torn), Ended(Verdict.NotJudged, "no kernel", clause: Torn, test: 1)))));

    [Fact]
    public void ATestThatDidNotRunLeavesItUnjudged() => Assert.Equal(
        (Verdict.NotJudged, "these tests of it did not run: Framing.RequestsTornAnywhereAreAnswered"),
        Told(Judge(Torn, Of(Ended(Verdict.Pass, clause: Torn)))));

    [Fact]
    public void AClauseThatWasNotAskedForIsNotJudged()
    {
        var report = new ConformanceReport([Run("linux", "PING")], [Ended(Verdict.Pass)]);

        Assert.Equal((Verdict.Pass, null), Told(Judge(Echo, report)));
        Assert.Equal((Verdict.NotJudged, "the run was asked for other clauses"), Told(Judge(Torn, report)));
        Assert.Equal((Verdict.NotJudged, "no test of it ran"), Told(Judge("WRD-PING-001", report)));
    }

    [Fact]
    public void WhatIsAboutTheEmulatorAsALibraryAsksNothingOfOthers()
    {
        Assert.Equal((Verdict.NotApplicable, "it is about the emulator as a library"), Told(Judge(AsALibrary, Of(Ended(Verdict.Pass)))));
        Assert.Equal(Verdict.NotJudged, Judge(AsALibrary, Of(Ended(Verdict.Pass, target: "emulator"))).Verdict);
    }

    [Fact]
    public void ATargetIsConformantWithEveryMustJudgedAndPassed()
    {
        var summary = Summarise(Perfect("unix:/run/warden.sock"));

        Assert.True(summary.IsConformant, summary.Sentence);
        Assert.StartsWith("conformant: every one of ", summary.Sentence);
    }

    [Theory]
    [InlineData(Verdict.NotJudged, false, "no failure, but not called conformant: ", "1 not judged")]
    [InlineData(Verdict.Fail, true, "not conformant: ", "1 fail")]
    public void OneThatDidNotPassTakesItAway(Verdict verdict, bool fails, string start, string end)
    {
        var perfect = Perfect("linux");
        var summary = Summarise(perfect with
        {
            Outcomes = [.. perfect.Outcomes.Where(outcome => outcome.ClauseId != Echo), Ended(verdict, "why")],
        });

        Assert.False(summary.IsConformant);
        Assert.Equal(fails, summary.HasFailed);
        Assert.StartsWith(start, summary.Sentence);
        Assert.EndsWith(end, summary.Sentence);
    }

    [Fact]
    public void AFaultOfTheRunTakesItAwayToo()
    {
        var perfect = Perfect("linux");
        var summary = Summarise(perfect with { Runs = [perfect.Runs[0] with { Faults = ["a mount is left"] }] });

        Assert.True(summary.HasFailed);
        Assert.False(summary.IsConformant);
    }

    [Fact]
    public void ATargetThatWasAskedNothingIsNotConformant() =>
        Assert.False(Summarise(new ConformanceReport([Run("linux", "PING")], [])).IsConformant);

    private static (Verdict, string?) Told(ClauseResult result) => (result.Verdict, result.Reason);
}
