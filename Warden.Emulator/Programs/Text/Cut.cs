using System.Text;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Cut() : GnuProgram("cut")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options(
            "b:c:d:f:nsz", "bytes= b", "characters= c", "delimiter= d", "fields= f", "only-delimited s", "zero-terminated z", "complement", "output-delimiter=");
        var kinds = o.All.Count(x => x.Key is "b" or "c" or "f");
        if (kinds == 0)
        {
            throw c.Usage("you must specify a list of bytes, characters, or fields");
        }
        if (kinds > 1)
        {
            throw c.Usage("only one type of list may be specified");
        }
        var byFields = o.Has("f");
        if (o.Has("d") && !byFields)
        {
            throw c.Usage("an input delimiter may be specified only when operating on fields");
        }
        if (o.Has("s") && !byFields)
        {
            throw c.Usage("suppressing non-delimited lines makes sense\n\tonly when operating on fields");
        }
        var delimiter = o.Last("d") ?? "\t";
        if (delimiter.Length > 1)
        {
            throw c.Usage("the delimiter must be a single character");
        }
        var split = delimiter.Length == 0 ? '\0' : delimiter[0];
        var list = RangeList.Parse(c, o.Last("f") ?? o.Last("b") ?? o.Last("c")!, byFields ? "field" : "byte", o.Has("complement"));
        var separator = o.Has("z") ? '\0' : '\n';
        foreach (var file in o.Operands.Count == 0 ? ["-"] : o.Operands)
        {
            using var reader = await c.TryOpenReaderAsync(file);
            try
            {
                while (reader is not null && await reader.ReadLineAsync((byte)separator) is { } line)
                {
                    if (byFields)
                    {
                        Fields(c, o, list, line, split, separator);
                    }
                    else
                    {
                        c.Write(Bytes(o, list, line) + separator);
                    }
                    await c.DrainAsync();
                }
            }
            catch (ErrnoException failure)
            {
                c.Fail($"{Quote.Maybe(file)}: {failure.Message}");
            }
        }
        return c.Status;
    }

    private static void Fields(Invocation c, OptionSet o, RangeList list, string line, char split, char separator)
    {
        if (!line.Contains(split, StringComparison.Ordinal))
        {
            c.Write(o.Has("s") ? "" : line + separator);
            return;
        }
        var kept = line.Split(split).Where((_, i) => list.Contains(i + 1));
        c.Write(string.Join(o.Last("output-delimiter") ?? split.ToString(), kept) + separator);
    }

    private static string Bytes(OptionSet o, RangeList list, string line)
    {
        var text = new StringBuilder();
        var between = o.Last("output-delimiter");
        for (var i = 1; i <= line.Length; i++)
        {
            if (!list.Contains(i))
            {
                continue;
            }
            if (between is not null && text.Length > 0 && (!list.Contains(i - 1) || list.IsStart(i)))
            {
                text.Append(between);
            }
            text.Append(line[i - 1]);
        }
        return text.ToString();
    }
}
