using System.Xml.Linq;
using Warden.ConformanceTests.Reporting;
using Xunit;
using static Warden.ConformanceTests.Units.Reporting.Reports;

namespace Warden.ConformanceTests.Units.Reporting;

/// <summary>The report's forms hold whatever tests and servers say, and only as text.</summary>
public sealed class FormTests
{
    private const string Hostile = "</pre><script>alert('é & \"')</script>\u0001\ud800\uffff]]>";
    private const string Shown = "</pre><script>alert('é & \"')</script>\ufffd]]>";

    private static readonly ConformanceReport Report = Of(Ended(Verdict.Fail, Hostile, Hostile, transcript: Hostile), Ended(Verdict.Pass));
    private static readonly IReadOnlyList<ClauseResult> Results = Judgement.OfAll(Report, KnownDifferences.None);

    [Fact]
    public void APageHasNoMarkupOfATestsOrAServers()
    {
        var page = HtmlReport.Write(Report, Results);

        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain('\u0001', page);
        Assert.Contains("<pre class=\"wire\">&lt;/pre&gt;&lt;script&gt;alert(&#39;", page, StringComparison.Ordinal);
    }

    [Fact]
    public void APageNeedsNoOtherFile()
    {
        var page = HtmlReport.Write(Report, Results);

        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("://", page, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryClauseHasARow() => Assert.All(
        Warden.Spec.Clauses.ClauseCatalogue.All,
        clause => Assert.Contains($"<td class=\"id\">{clause.Id}</td>", HtmlReport.Write(Report, Results), StringComparison.Ordinal));

    [Fact]
    public void JUnitIsXmlWithTheReasonAndTheWire()
    {
        var suites = XDocument.Parse(JUnitReport.Write(Results)).Root!.Elements("testsuite").ToList();
        var failure = suites[0].Descendants("failure").Single();

        Assert.Equal(Shown, suites[0].Attribute("name")!.Value);
        Assert.Equal(Shown, failure.Attribute("message")!.Value);
        Assert.EndsWith(Shown, failure.Value);
        Assert.Equal("1", suites[0].Attribute("failures")!.Value);
        Assert.Equal("0", suites[1].Attribute("failures")!.Value);
        Assert.Contains(suites[1].Descendants("skipped"), skipped => skipped.Attribute("message")!.Value == "not judged, because no test of it ran");
    }

    [Fact]
    public void MarkdownSaysWhyAClauseIsNotJudged() => Assert.Contains(
        "- linux: not judged, because no kernel: WRD-PING-002",
        MarkdownReport.Write(Of(Ended(Verdict.NotJudged, "no kernel")), Judgement.OfTested([Ended(Verdict.NotJudged, "no kernel")])),
        StringComparison.Ordinal);
}
