namespace Warden.Emulator.Programs;

/// <summary>A list of positions from 1, as in "1,3-5,7-".</summary>
internal sealed class RangeList
{
    private readonly List<(int First, int Last)> _ranges = [];
    private readonly bool _complement;

    private RangeList(bool complement) => _complement = complement;

    public bool Contains(int position) => _ranges.Exists(r => position >= r.First && position <= r.Last) != _complement;

    public bool IsStart(int position) => _ranges.Exists(r => r.First == position);

    public static RangeList Parse(Invocation c, string text, string what, bool complement)
    {
        var list = new RangeList(complement);
        foreach (var part in text.Split((char[])[',', ' ', '\t']))
        {
            var dash = part.IndexOf('-', StringComparison.Ordinal);
            var (from, to) = dash < 0 ? (part, part) : (part[..dash], part[(dash + 1)..]);
            if (part == "-")
            {
                throw c.Usage("invalid range with no endpoint: -");
            }
            if (part.Length == 0)
            {
                throw c.Usage($"{(what == "field" ? "fields" : "byte/character positions")} are numbered from 1");
            }
            var first = from.Length == 0 ? 1 : Number(c, from, what);
            var last = to.Length == 0 ? int.MaxValue : Number(c, to, what);
            if (last < first)
            {
                throw c.Usage("invalid decreasing range");
            }
            list._ranges.Add((first, last));
        }
        return list;
    }

    private static int Number(Invocation c, string text, string what)
    {
        if (!text.All(char.IsAsciiDigit))
        {
            throw c.Usage($"invalid {(what == "field" ? "field" : "byte/character position")} value {Quote.Locale(text)}");
        }
        var number = int.TryParse(text, out var parsed) ? parsed : int.MaxValue;
        return number > 0 ? number : throw c.Usage($"{(what == "field" ? "fields" : "byte/character positions")} are numbered from 1");
    }
}
