using System.Text;

namespace Warden.Emulator.Programs;

internal sealed class Tr() : GnuProgram("tr")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("+cCdst", "complement c", "delete d", "squeeze-repeats s", "truncate-set1 t");
        var delete = o.Has("d");
        var squeeze = o.Has("s");
        var complement = o.LastOf("c", "C") is not null;
        var needed = delete == squeeze ? 2 : 1;
        if (o.Operands.Count == 0)
        {
            throw c.MissingOperand();
        }
        if (o.Operands.Count < needed)
        {
            c.Warn($"missing operand after {Quote.Always(o.Operands[^1])}");
            c.WarnRaw(delete && squeeze ? "Two strings must be given when both deleting and squeezing repeats.\n" : "Two strings must be given when translating.\n");
            throw c.Usage();
        }
        if (o.Operands.Count > 2 || (delete && !squeeze && o.Operands.Count > 1))
        {
            c.Warn($"extra operand {Quote.Always(o.Operands[delete && !squeeze ? 1 : 2])}");
            if (delete && !squeeze && o.Operands.Count == 2)
            {
                c.WarnRaw("Only one string may be given when deleting without squeezing repeats.\n");
            }
            throw c.Usage();
        }
        var first = new TrSet(c, o.Operands[0], secondOfPair: false).Expand(0);
        if (complement)
        {
            var members = first.ToHashSet();
            first = string.Concat(Enumerable.Range(0, 256).Select(i => (char)i).Where(x => !members.Contains(x)));
        }
        var translate = !delete && o.Operands.Count == 2;
        var map = new byte[256];
        for (var i = 0; i < 256; i++)
        {
            map[i] = (byte)i;
        }
        var squeezed = new bool[256];
        if (o.Operands.Count == 2)
        {
            var second = new TrSet(c, o.Operands[1], secondOfPair: true).Expand(first.Length);
            if (translate)
            {
                Translate(c, o, first, second, map);
            }
            foreach (var x in second)
            {
                squeezed[x] = squeeze;
            }
        }
        else if (squeeze)
        {
            foreach (var x in first)
            {
                squeezed[x] = true;
            }
        }
        var deleted = new bool[256];
        foreach (var x in delete ? first : "")
        {
            deleted[x] = true;
        }
        await RunAsync(c, map, deleted, squeezed);
        return 0;
    }

    private static void Translate(Invocation c, OptionSet o, string first, string second, byte[] map)
    {
        if (second.Length == 0 && !o.Has("t"))
        {
            throw c.Die("when not truncating set1, string2 must be non-empty");
        }
        for (var i = 0; i < first.Length; i++)
        {
            if (i >= second.Length && o.Has("t"))
            {
                break;
            }
            map[first[i]] = (byte)second[Math.Min(i, second.Length - 1)];
        }
    }

    private static async ValueTask RunAsync(Invocation c, byte[] map, bool[] deleted, bool[] squeezed)
    {
        var buffer = new byte[64 * 1024];
        var last = -1;
        while (await c.Process.ReadAsync(0, buffer) is var count && count > 0)
        {
            var kept = 0;
            for (var i = 0; i < count; i++)
            {
                if (deleted[buffer[i]])
                {
                    continue;
                }
                var mapped = map[buffer[i]];
                if (mapped == last && squeezed[mapped])
                {
                    continue;
                }
                last = mapped;
                buffer[kept++] = mapped;
            }
            c.Write(buffer.AsSpan(0, kept));
            await c.DrainAsync();
        }
    }
}

/// <summary>A set of tr: characters, escapes, ranges, classes and repetitions.</summary>
internal sealed class TrSet(Invocation c, string text, bool secondOfPair)
{
    /// <summary>All characters in order; [x*] fills up to <paramref name="wanted"/>.</summary>
    public string Expand(int wanted)
    {
        var output = new StringBuilder();
        var fillAt = -1;
        var fill = '\0';
        for (var at = 0; at < text.Length;)
        {
            if (text[at] == '[' && at + 1 < text.Length)
            {
                if (text[at + 1] == ':' && text.IndexOf(":]", at + 2, StringComparison.Ordinal) is var end && end > 0)
                {
                    var name = text[(at + 2)..end];
                    if (!CharacterClass.Names.Contains(name))
                    {
                        throw c.Die($"invalid character class {Quote.Locale(name)}");
                    }
                    output.Append([.. Enumerable.Range(0, 256).Select(i => (char)i).Where(x => CharacterClass.Contains(name, x))]);
                    at = end + 2;
                    continue;
                }
                if (text[at + 1] == '=' && at + 4 < text.Length && text[at + 3] == '=' && text[at + 4] == ']')
                {
                    output.Append(text[at + 2]);
                    at += 5;
                    continue;
                }
                var star = at + 1;
                var repeated = Character(ref star);
                if (star < text.Length && text[star] == '*' && text.IndexOf(']', star) is var close && close > 0
                    && text[(star + 1)..close].All(char.IsAsciiDigit))
                {
                    if (!secondOfPair)
                    {
                        throw c.Die("the [c*] repeat construct may not appear in string1");
                    }
                    var digits = text[(star + 1)..close];
                    var count = digits.Length == 0 ? 0 : Convert.ToInt32(digits, digits[0] == '0' ? 8 : 10);
                    if (count == 0)
                    {
                        fillAt = output.Length;
                        fill = repeated;
                    }
                    output.Append(repeated, count);
                    at = close + 1;
                    continue;
                }
            }
            var start = at;
            var low = Character(ref at);
            if (at + 1 < text.Length && text[at] == '-')
            {
                at++;
                var high = Character(ref at);
                if (high < low)
                {
                    throw c.Die($"range-endpoints of {Quote.Locale(text[start..at])} are in reverse collating sequence order");
                }
                for (var x = low; x <= high; x++)
                {
                    output.Append(x);
                }
                continue;
            }
            output.Append(low);
        }
        if (fillAt >= 0 && output.Length < wanted)
        {
            output.Insert(fillAt, new string(fill, wanted - output.Length));
        }
        return output.ToString();
    }

    private char Character(ref int at)
    {
        var x = text[at++];
        if (x != '\\' || at >= text.Length)
        {
            return x;
        }
        if (text[at] is >= '0' and <= '7')
        {
            var value = 0;
            for (var i = 0; i < 3 && at < text.Length && text[at] is >= '0' and <= '7' && (value * 8) + (text[at] - '0') < 256; i++)
            {
                value = (value * 8) + (text[at++] - '0');
            }
            return (char)value;
        }
        return text[at++] switch { 'a' => '\a', 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', 'v' => '\v', var other => other };
    }
}
