using System.Numerics;
using System.Security.Cryptography;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>The order of sort: keys with their options, and the whole line as the last resort.</summary>
internal sealed class SortOrder
{
    private readonly List<SortKey> _keys = [];
    private readonly bool _stable;
    private readonly bool _reverse;
    private readonly char? _separator;
    private readonly byte[] _salt = RandomNumberGenerator.GetBytes(16);

    public SortOrder(Invocation c, OptionSet o)
    {
        var letters = string.Concat(o.All.Select(x => x.Key == "sort" ? LetterOf(c, x.Value) : x.Key.Length == 1 && "bdfghiMnRrV".Contains(x.Key[0], StringComparison.Ordinal) ? x.Key : ""));
        if (o.Last("t") is { } t)
        {
            _separator = t switch
            {
                "\\0" => '\0',
                "" => throw c.Die("empty tab"),
                { Length: 1 } => t[0],
                _ => throw c.Die($"multi-character tab {Quote.Locale(t)}"),
            };
        }
        foreach (var (_, text) in o.All.Where(x => x.Key == "k"))
        {
            var key = SortKey.Parse(c, text);
            _keys.Add(key.Letters.Length == 0 ? key with { Letters = letters, BlankStart = letters.Contains('b', StringComparison.Ordinal), BlankEnd = letters.Contains('b', StringComparison.Ordinal) } : key);
        }
        if (_keys.Count == 0 && letters.Replace("r", "", StringComparison.Ordinal).Length > 0)
        {
            _keys.Add(new SortKey(1, 0, 0, 0, letters, letters.Contains('b', StringComparison.Ordinal), false));
        }
        _reverse = letters.Contains('r', StringComparison.Ordinal);
        _stable = o.Has("s") || o.Has("u");
        foreach (var key in _keys)
        {
            var kinds = key.Letters.Where(x => "ghMnRV".Contains(x, StringComparison.Ordinal)).Distinct().ToList();
            if (kinds.Count > 1)
            {
                throw c.Die($"options '-{string.Concat(kinds.Order())}' are incompatible");
            }
        }
    }

    public IEnumerable<string> Sort(List<string> lines)
    {
        if (_keys.Count == 0)
        {
            lines.Sort(string.CompareOrdinal);
            if (_reverse)
            {
                lines.Reverse();
            }
            return lines;
        }
        // Keys are cut out once; OrderBy is stable.
        var entries = lines.ConvertAll(l => new Entry(l, _keys.ConvertAll(k => Value(k, l))));
        return entries.Order(Comparer<Entry>.Create((a, b) =>
        {
            for (var i = 0; i < _keys.Count; i++)
            {
                var order = a.Values[i].CompareTo(b.Values[i]);
                if (order != 0)
                {
                    return _keys[i].Reverse ? -order : order;
                }
            }
            return _stable ? 0 : _reverse ? string.CompareOrdinal(b.Line, a.Line) : string.CompareOrdinal(a.Line, b.Line);
        })).Select(e => e.Line);
    }

    /// <summary>By the keys alone.</summary>
    public int CompareKeys(string a, string b)
    {
        if (_keys.Count == 0)
        {
            return string.CompareOrdinal(a, b) * (_reverse ? -1 : 1);
        }
        foreach (var key in _keys)
        {
            var order = Value(key, a).CompareTo(Value(key, b));
            if (order != 0)
            {
                return key.Reverse ? -order : order;
            }
        }
        return 0;
    }

    public int Compare(string a, string b)
    {
        var order = CompareKeys(a, b);
        return order != 0 || _stable ? order : string.CompareOrdinal(a, b) * (_reverse ? -1 : 1);
    }

    private static string LetterOf(Invocation c, string word) => word switch
    {
        "general-numeric" => "g",
        "human-numeric" => "h",
        "month" => "M",
        "numeric" => "n",
        "random" => "R",
        "version" => "V",
        _ => throw c.Usage($"invalid argument {Quote.Always(word)} for '--sort'"),
    };

    private SortValue Value(SortKey key, string line)
    {
        var text = key.Cut(line, _separator);
        foreach (var letter in key.Letters)
        {
            switch (letter)
            {
                case 'n':
                    return new SortValue(LeadingNumber(text, out _), "");
                case 'g':
                    var (value, length) = Numbers.ParseReal(text);
                    return new SortValue(default, "", length == 0 ? double.NegativeInfinity : value, length == 0 ? 0 : double.IsNaN(value) ? 1 : 2);
                case 'h':
                    var number = LeadingNumber(text, out var suffix);
                    return new SortValue(number, "", 0, number.Sign * ("KMGTPEZY".IndexOf(suffix == 'k' ? 'K' : suffix, StringComparison.Ordinal) + 1));
                case 'M':
                    var name = text.TrimStart(' ', '\t');
                    var month = name.Length < 3 ? -1 : "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC".IndexOf(name[..3].ToUpperInvariant(), StringComparison.Ordinal);
                    return new SortValue(default, "", 0, month % 3 == 0 ? (month / 3) + 1 : 0);
                case 'V':
                    return new SortValue(default, text, 0, 0, IsVersion: true);
                case 'R':
                    return new SortValue(default, Convert.ToHexString(SHA256.HashData([.. _salt, .. ByteText.ToBytes(text)])));
            }
        }
        if (key.Letters.Contains('d', StringComparison.Ordinal))
        {
            text = string.Concat(text.Where(x => char.IsAsciiLetterOrDigit(x) || x is ' ' or '\t'));
        }
        if (key.Letters.Contains('i', StringComparison.Ordinal))
        {
            text = string.Concat(text.Where(x => x is >= ' ' and < '\x7F'));
        }
        return new SortValue(default, key.Letters.Contains('f', StringComparison.Ordinal) ? text.ToUpperInvariant() : text);
    }

    // The value scaled to nine decimals: numbers with longer fractions are rare, and whole ones are exact at any length.
    private static BigInteger LeadingNumber(string text, out char suffix)
    {
        var at = 0;
        while (at < text.Length && text[at] is ' ' or '\t')
        {
            at++;
        }
        var negative = at < text.Length && text[at] == '-';
        at += negative ? 1 : 0;
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }
        var digits = text[start..at];
        var fraction = "";
        if (at < text.Length && text[at] == '.')
        {
            start = ++at;
            while (at < text.Length && char.IsAsciiDigit(text[at]))
            {
                at++;
            }
            fraction = text[start..at];
        }
        suffix = at < text.Length ? text[at] : '\0';
        var scaled = BigInteger.Parse("0" + digits + fraction.PadRight(9, '0')[..9]);
        return negative ? -scaled : scaled;
    }

    private sealed record Entry(string Line, List<SortValue> Values);
}

/// <summary>What a key of a line is compared by.</summary>
internal readonly record struct SortValue(BigInteger Number, string Text, double Real = 0, int Rank = 0, bool IsVersion = false) : IComparable<SortValue>
{
    public int CompareTo(SortValue other)
    {
        var order = Rank.CompareTo(other.Rank);
        order = order != 0 ? order : Number.CompareTo(other.Number);
        order = order != 0 ? order : Real.CompareTo(other.Real);
        return order != 0 ? order : IsVersion ? VersionOrder.Compare(Text, other.Text) : string.CompareOrdinal(Text, other.Text);
    }
}

/// <summary>One -k: from field and character to field and character (end field 0: the line's end).</summary>
internal sealed record SortKey(int StartField, int StartCharacter, int EndField, int EndCharacter, string Letters, bool BlankStart, bool BlankEnd)
{
    public bool Reverse => Letters.Contains('r', StringComparison.Ordinal);

    public static SortKey Parse(Invocation c, string text)
    {
        var comma = text.IndexOf(',', StringComparison.Ordinal);
        var (startField, startCharacter, startLetters) = Position(c, text, comma < 0 ? text : text[..comma], end: false);
        var (endField, endCharacter, endLetters) = comma < 0 ? (0, 0, "") : Position(c, text, text[(comma + 1)..], end: true);
        return new SortKey(
            startField, startCharacter, endField, endCharacter, startLetters + endLetters, startLetters.Contains('b', StringComparison.Ordinal), endLetters.Contains('b', StringComparison.Ordinal));
    }

    public string Cut(string line, char? separator)
    {
        var start = FieldStart(line, StartField, separator);
        if (BlankStart)
        {
            start = SkipBlanks(line, start);
        }
        start = Math.Min(line.Length, start + Math.Max(0, StartCharacter - 1));
        if (EndField == 0)
        {
            return line[start..];
        }
        int end;
        if (EndCharacter == 0)
        {
            end = FieldEnd(line, FieldStart(line, EndField, separator), separator);
        }
        else
        {
            end = FieldStart(line, EndField, separator);
            if (BlankEnd)
            {
                end = SkipBlanks(line, end);
            }
            end = Math.Min(line.Length, end + EndCharacter);
        }
        return end > start ? line[start..end] : "";
    }

    private static (int Field, int Character, string Letters) Position(Invocation c, string all, string text, bool end)
    {
        var at = 0;
        int Number()
        {
            var from = at;
            while (at < text.Length && char.IsAsciiDigit(text[at]))
            {
                at++;
            }
            return at == from
                ? throw c.Die($"invalid number {(end ? "after ','" : "at field start")}: invalid count at start of {Quote.Locale(text[from..])}")
                : int.TryParse(text.AsSpan(from, at - from), out var number) ? number : int.MaxValue;
        }
        var field = Number();
        if (field == 0)
        {
            throw c.Die($"field number is zero: invalid field specification {Quote.Locale(all)}");
        }
        var character = 0;
        if (at < text.Length && text[at] == '.')
        {
            at++;
            character = Number();
            if (character == 0 && !end)
            {
                throw c.Die($"character offset is zero: invalid field specification {Quote.Locale(all)}");
            }
        }
        var letters = text[at..];
        if (letters.Any(x => !"bdfghiMnRrV".Contains(x, StringComparison.Ordinal)))
        {
            throw c.Die($"stray character in field spec: invalid field specification {Quote.Locale(all)}");
        }
        return (field, character, letters);
    }

    private static int FieldStart(string line, int field, char? separator)
    {
        var at = 0;
        for (var i = 1; i < field && at < line.Length; i++)
        {
            at = FieldEnd(line, at, separator);
            if (separator is not null && at < line.Length)
            {
                at++;
            }
            else if (separator is not null)
            {
                return line.Length;
            }
        }
        return at;
    }

    // Without a separator a field is blanks and the word after them.
    private static int FieldEnd(string line, int at, char? separator)
    {
        if (separator is { } s)
        {
            var next = line.IndexOf(s, at);
            return next < 0 ? line.Length : next;
        }
        at = SkipBlanks(line, at);
        while (at < line.Length && line[at] is not (' ' or '\t'))
        {
            at++;
        }
        return at;
    }

    private static int SkipBlanks(string line, int at)
    {
        while (at < line.Length && line[at] is ' ' or '\t' or '\n')
        {
            at++;
        }
        return at;
    }
}
