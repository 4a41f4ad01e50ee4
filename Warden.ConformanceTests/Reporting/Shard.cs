using System.Globalization;
using Warden.Spec.Clauses;

namespace Warden.ConformanceTests.Reporting;

/// <summary>
/// A part of the suite for one of several machines. Clauses that a test proves together are in one part, so that no test runs on two machines;
/// which part that is depends on the suite alone, and not on the target, the filter or the machine.
/// </summary>
/// <param name="Number">Which part, from 1.</param>
/// <param name="Count">How many there are.</param>
public sealed record Shard(int Number, int Count)
{
    /// <summary>More than this is a slip of the keyboard.</summary>
    private const int MaximumCount = 1000;

    private static readonly Lazy<Dictionary<string, int>> Groups = new(FindGroups);

    /// <summary>Reads <c>2/8</c>; null is the whole.</summary>
    /// <exception cref="FormatException">It is no part of a whole.</exception>
    public static Shard? Parse(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var words = text.Split('/');
        return words.Length == 2 && Number(words[0]) is { } number && Number(words[1]) is { } count && number <= count
            ? new Shard(number, count)
            : throw new FormatException($"a shard is I/N with I from 1 to N and N at most {MaximumCount}, such as 2/8; \"{text}\" is none");

        static int? Number(string word) =>
            int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= MaximumCount
                ? number
                : null;
    }

    public bool Includes(string clauseId) => Groups.Value[clauseId] % Count == Number - 1;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number}/{Count}");

    /// <summary>Numbers the groups of clauses that have tests in common, in the order of the protocol reference.</summary>
    private static Dictionary<string, int> FindGroups()
    {
        var first = ClauseCatalogue.All.ToDictionary(clause => clause.Id, clause => clause.Id);
        foreach (var together in ClauseTests.Together)
        {
            foreach (var other in together.Skip(1))
            {
                first[FirstOf(other)] = FirstOf(together[0]);
            }
        }

        var numbers = new Dictionary<string, int>();
        foreach (var clause in ClauseCatalogue.All)
        {
            numbers.TryAdd(FirstOf(clause.Id), numbers.Count);
        }

        return ClauseCatalogue.All.ToDictionary(clause => clause.Id, clause => numbers[FirstOf(clause.Id)]);

        string FirstOf(string id)
        {
            while (first[id] != id)
            {
                id = first[id];
            }

            return id;
        }
    }
}
