using System.Xml.Linq;

namespace Warden.ConformanceTests.Reporting;

/// <summary>The report as JUnit: a suite a target, a case a clause. What is not judged is skipped with its reason.</summary>
public static class JUnitReport
{
    public static string Write(IReadOnlyList<ClauseResult> results) => new XDocument(
        new XElement("testsuites", results.GroupBy(result => result.Target).Select(target => new XElement(
            "testsuite",
            new XAttribute("name", Words.Clean(target.Key)),
            new XAttribute("tests", target.Count()),
            new XAttribute("failures", target.Count(result => result.IsFailure)),
            new XAttribute("skipped", target.Count(result => result.Verdict != Verdict.Pass && !result.IsFailure)),
            new XAttribute("time", target.Sum(result => result.Seconds)),
            target.Select(TestCase))))).ToString();

    private static XElement TestCase(ClauseResult result) => new(
        "testcase",
        new XAttribute("classname", $"{Words.Clean(result.Target)}.{result.Clause.Feature}"),
        new XAttribute("name", $"{result.Clause.Id} {result.Clause.Sentence}"),
        new XAttribute("time", result.Seconds),
        result.Verdict switch
        {
            Verdict.Pass => null,
            Verdict.Fail => new XElement("failure", new XAttribute("message", Words.Clean(result.Reason)), Words.Clean(Failures(result))),
            Verdict.UnexpectedPass => new XElement("failure", new XAttribute("message", Words.Told(result))),
            _ => new XElement("skipped", new XAttribute("message", Words.Told(result))),
        });

    private static string Failures(ClauseResult result) => string.Join("\n\n", result.Outcomes
        .Where(outcome => outcome.Verdict == Verdict.Fail)
        .Select(outcome => $"{outcome.Test}\n{outcome.Reason}\n{outcome.Transcript}".Trim()));
}
