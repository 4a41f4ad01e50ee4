using System.Xml;
using Warden.Spec.Clauses;

namespace Warden.ConformanceTests.Reporting;

/// <summary>The words that every form of the report uses.</summary>
internal static class Words
{
    private static readonly Dictionary<Verdict, string> Verdicts = new()
    {
        [Verdict.Pass] = "pass",
        [Verdict.KnownDifference] = "known difference",
        [Verdict.UnexpectedPass] = "unexpected pass",
        [Verdict.Fail] = "fail",
        [Verdict.NotJudged] = "not judged",
        [Verdict.NotApplicable] = "does not apply",
    };

    public static string Of(Verdict verdict) => Verdicts[verdict];

    public static string Of(ClauseLevel level) => level switch
    {
        ClauseLevel.Must => "MUST",
        ClauseLevel.Should => "SHOULD",
        _ => "INFO",
    };

    /// <summary>The verdict of a word.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static Verdict Parse(string word) => Verdicts.ContainsValue(word)
        ? Verdicts.First(pair => pair.Value == word).Key
        : throw new FormatException($"\"{word}\" is no verdict");

    /// <summary>The verdict with its reason: "not judged, because …".</summary>
    public static string Told(ClauseResult result) => result switch
    {
        { Reason: null } => Of(result.Verdict),
        { Verdict: Verdict.NotJudged or Verdict.NotApplicable } => $"{Of(result.Verdict)}, because {FirstLine(result.Reason)}",
        _ => $"{Of(result.Verdict)}: {FirstLine(result.Reason)}",
    };

    public static string FirstLine(string? text) => Clean(text).Split('\n')[0].Trim();

    /// <summary>A time as it is read best: milliseconds below a second.</summary>
    public static string Duration(decimal seconds) => seconds < 1 ? $"{seconds * 1000:F0} ms" : $"{seconds:F1} s";

    /// <summary>The text without what neither XML nor a page has room for: most control characters, halves of surrogate pairs.</summary>
    public static string Clean(string? text)
    {
        text ??= "";
        return text.All(XmlConvert.IsXmlChar)
            ? text
            : string.Concat(text.EnumerateRunes().Where(rune => rune.Value is >= ' ' and not (0xFFFE or 0xFFFF) or '\n' or '\t'));
    }
}
