using Warden.Spec.Clauses;

namespace Warden.ConformanceTests.Reporting;

/// <summary>
/// Which clauses are asked for: ids (<c>WRD-RUN-001</c>) and features (<c>RUN</c>) with commas between them, a last <c>*</c> for any rest.
/// </summary>
public sealed class ClauseFilter
{
    private readonly HashSet<string>? _ids;
    private readonly Shard? _shard;

    private ClauseFilter(HashSet<string>? ids, Shard? shard)
    {
        _ids = ids;
        _shard = shard;
    }

    /// <summary>Reads a filter; null or nothing asks for every clause.</summary>
    /// <param name="text">Ids and features.</param>
    /// <param name="shard">The part of them that is meant, such as <c>2/8</c>; null for all.</param>
    /// <exception cref="FormatException">A word of it is about no clause, or the part is none.</exception>
    public static ClauseFilter Parse(string? text, string? shard = null)
    {
        var part = Shard.Parse(shard);
        if (string.IsNullOrWhiteSpace(text))
        {
            return new ClauseFilter(null, part);
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

        return new ClauseFilter(ids, part);
    }

    public bool Includes(string clauseId) => (_ids is null || _ids.Contains(clauseId)) && (_shard is null || _shard.Includes(clauseId));

    private static bool Names(string word, string name) => word.EndsWith('*')
        ? name.StartsWith(word[..^1], StringComparison.OrdinalIgnoreCase)
        : name.Equals(word, StringComparison.OrdinalIgnoreCase);
}
