using System.Globalization;
using Warden.Emulator.Shell.Syntax;

namespace Warden.Emulator.Shell.Expansion;

/// <summary>Brace expansion: {a,b}, {1..9..2}. Its elements keep their quotes and expansions.</summary>
internal static class BraceExpander
{
    public static IReadOnlyList<Word> Expand(Word word)
    {
        var possible = false;
        foreach (var part in word.Parts)
        {
            if (part is LiteralPart { Quoted: false } literal && literal.Text.Contains('{'))
            {
                possible = true;
            }
        }

        if (!possible)
        {
            return [word];
        }

        // One item a character where it is unquoted, else one a part.
        var items = new List<object>();
        foreach (var part in word.Parts)
        {
            if (part is LiteralPart { Quoted: false } literal)
            {
                foreach (var c in literal.Text)
                {
                    items.Add(c);
                }
            }
            else
            {
                items.Add(part);
            }
        }

        var results = ExpandItems(items);
        return results.Count == 1 && results[0].Count == items.Count ? [word] : [.. results.Select(ToWord)];
    }

    private static Word ToWord(List<object> items)
    {
        var builder = new PartsBuilder();
        foreach (var item in items)
        {
            if (item is char c)
            {
                builder.Add(c, false);
            }
            else if (item is LiteralPart literal && literal.Text.Length == 0)
            {
                builder.AddQuoted("");
            }
            else
            {
                builder.Add((WordPart)item);
            }
        }

        return new(builder.Finish(), "");
    }

    private static List<List<object>> ExpandItems(List<object> items)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        for (var open = 0; open < items.Count; open++)
        {
            if (items[open] is not '{')
            {
                continue;
            }

            var close = FindClose(items, open, out var commas);
            if (close < 0)
            {
                continue;
            }

            List<List<object>>? middles = null;
            if (commas.Count > 0)
            {
                middles = [];
                var start = open + 1;
                foreach (var end in commas.Append(close))
                {
                    middles.AddRange(ExpandItems(items[start..end]));
                    start = end + 1;
                }
            }
            else if (Sequence(items[(open + 1)..close]) is { } sequence)
            {
                middles = sequence;
            }

            if (middles is null)
            {
                continue;
            }

            var before = items[..open];
            var results = new List<List<object>>();
            var tails = ExpandItems(items[(close + 1)..]);
            foreach (var middle in middles)
            {
                foreach (var tail in tails)
                {
                    results.Add([.. before, .. middle, .. tail]);
                }
            }

            return results;
        }

        return [items];
    }

    private static int FindClose(List<object> items, int open, out List<int> commas)
    {
        commas = [];
        var depth = 0;
        for (var i = open; i < items.Count; i++)
        {
            switch (items[i])
            {
                case '{':
                    depth++;
                    break;
                case '}':
                    if (--depth == 0)
                    {
                        return i;
                    }

                    break;
                case ',' when depth == 1:
                    commas.Add(i);
                    break;
            }
        }

        return -1;
    }

    private static List<List<object>>? Sequence(List<object> items)
    {
        if (items.Exists(static item => item is not char))
        {
            return null;
        }

        var pieces = string.Concat(items).Split("..");
        if (pieces.Length is < 2 or > 3)
        {
            return null;
        }

        var step = 0L;
        if (pieces.Length == 3 && !TryNumber(pieces[2], out step))
        {
            return null;
        }

        if (TryNumber(pieces[0], out var from) && TryNumber(pieces[1], out var to))
        {
            var padded = IsPadded(pieces[0]) || IsPadded(pieces[1]);
            var width = padded ? Math.Max(pieces[0].Length, pieces[1].Length) : 0;
            return Count(from, to, step, number => Pad(number, width));
        }

        if (pieces[0].Length == 1 && pieces[1].Length == 1 && char.IsAsciiLetter(pieces[0][0]) && char.IsAsciiLetter(pieces[1][0]))
        {
            return Count(pieces[0][0], pieces[1][0], step, static number => ((char)number).ToString());
        }

        return null;
    }

    private static List<List<object>>? Count(long from, long to, long step, Func<long, string> text)
    {
        step = Math.Max(1, Math.Abs(step));
        if (Math.Abs((decimal)to - from) / step > 4_000_000)
        {
            return null;
        }

        var results = new List<List<object>>();
        for (var number = from; from <= to ? number <= to : number >= to; number += from <= to ? step : -step)
        {
            results.Add([new LiteralPart(text(number), false)]);
        }

        return results;
    }

    private static bool TryNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);

    private static bool IsPadded(string text)
    {
        var digits = text.TrimStart('-', '+');
        return digits.Length > 1 && digits[0] == '0';
    }

    private static string Pad(long number, int width)
    {
        var sign = number < 0 ? "-" : "";
        return sign + Math.Abs(number).ToString(CultureInfo.InvariantCulture).PadLeft(width - sign.Length, '0');
    }
}
