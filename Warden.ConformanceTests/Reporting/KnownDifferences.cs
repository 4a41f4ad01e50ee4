using Warden.Spec.Clauses;

namespace Warden.ConformanceTests.Reporting;

/// <summary>
/// Where a target is known to differ, and why: a line each of the target (a last <c>*</c> stands for any rest), the clause and the reason; empty
/// lines and those that begin with <c>#</c> say nothing. What is listed still runs: a failure is as expected, a pass is not.
/// </summary>
public sealed class KnownDifferences
{
    private readonly IReadOnlyList<Entry> _entries;

    private KnownDifferences(IReadOnlyList<Entry> entries) => _entries = entries;

    public static KnownDifferences None { get; } = new([]);

    private static string DefaultPath => Path.Combine(AppContext.BaseDirectory, "known-differences.txt");

    /// <summary>Reads the suite's own file, and another where there is one.</summary>
    public static KnownDifferences Read(string? other) => new(
    [
        .. Parse(File.ReadAllText(DefaultPath), DefaultPath)._entries,
        .. other is null ? [] : Parse(File.ReadAllText(other), other)._entries,
    ]);

    /// <summary>Reads the lines.</summary>
    /// <exception cref="FormatException">A line has no reason, an unknown clause, or says what another has said.</exception>
    public static KnownDifferences Parse(string text, string path = "known differences")
    {
        var entries = new List<Entry>();
        foreach (var (index, line) in text.Split('\n').Index())
        {
            if (line.Trim() is "" or ['#', ..])
            {
                continue;
            }

            if (line.Split((char[])[' ', '\t', '\r'], 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is not
                [var target, var clause, var reason])
            {
                throw new FormatException($"{path}, line {index + 1}: a target, a clause and a reason are expected");
            }

            if (ClauseCatalogue.All.All(known => known.Id != clause))
            {
                throw new FormatException($"{path}, line {index + 1}: there is no clause {clause}");
            }

            if (entries.Any(entry => entry.Target == target && entry.Clause == clause))
            {
                throw new FormatException($"{path}, line {index + 1}: {clause} on {target} is there already");
            }

            entries.Add(new Entry(target, clause, reason));
        }

        return new KnownDifferences(entries);
    }

    /// <summary>The result, as a difference that is known or a pass that is not expected where the file says so.</summary>
    public ClauseResult Apply(ClauseResult result) =>
        _entries.FirstOrDefault(entry => entry.Clause == result.Clause.Id && entry.IsAbout(result.Target)) is not { } known ? result
        : result.Verdict == Verdict.Fail ? result with { Verdict = Verdict.KnownDifference, Reason = $"{known.Reason}\n{result.Reason}" }
        : result.Verdict == Verdict.Pass ? result with { Verdict = Verdict.UnexpectedPass, Reason = $"a difference is known: {known.Reason}" }
        : result;

    private sealed record Entry(string Target, string Clause, string Reason)
    {
        public bool IsAbout(string target) =>
            Target.EndsWith('*') ? target.StartsWith(Target[..^1], StringComparison.Ordinal) : target == Target;
    }
}
