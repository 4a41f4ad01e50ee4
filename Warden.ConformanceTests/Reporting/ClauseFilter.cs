using Warden.Spec.Clauses;

namespace Warden.ConformanceTests.Reporting;

/// <summary>
/// Which clauses are asked for: ids (<c>WRD-RUN-001</c>) and features (<c>RUN</c>) with commas between them, a last <c>*</c> for any rest.
/// </summary>
public sealed class ClauseFilter
{
    private readonly HashSet<string>? _ids;

    private ClauseFilter(HashSet<string>? ids) => _ids = ids;

    /// <summary>Reads a filter; null or nothing asks for every clause.</summary>
    /// <exception cref="FormatException">A word of it is about no clause.</exception>
    public static ClauseFilter Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return new ClauseFilter(null);
        }

        var ids = new HashSet<string>();
        foreach (var word in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var named = ClauseCatalogue.All.Where(clause => Names(word, clause.Id) || Names(word, clause.Feature)).ToList();
            if (named.Count == 0)
            {
                throw new FormatException($"no clause is {word}");
            }

            ids.UnionWith(named.Select(clause => clause.Id));
        }

        return new ClauseFilter(ids);
    }

    public bool Includes(string clauseId) => _ids is null || _ids.Contains(clauseId);

    private static bool Names(string word, string name) => word.EndsWith('*')
        ? name.StartsWith(word[..^1], StringComparison.OrdinalIgnoreCase)
        : name.Equals(word, StringComparison.OrdinalIgnoreCase);
}
