namespace Warden.Emulator.Programs;

internal sealed class Tac() : GnuProgram("tac")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("bs:", "before b", "separator= s");
        foreach (var file in o.Operands.Count == 0 ? ["-"] : o.Operands)
        {
            using var reader = await c.TryOpenReaderAsync(file);
            if (reader is null)
            {
                continue;
            }
            var lines = new List<string>();
            while (await reader.ReadLineAsync() is { } line)
            {
                c.Process.Allocate(line.Length + 32);
                lines.Add(reader.LastLineEnded ? line + "\n" : line);
            }
            for (var i = lines.Count - 1; i >= 0; i--)
            {
                c.Write(lines[i]);
                await c.DrainAsync();
            }
        }
        return c.Status;
    }
}

internal sealed class Rev() : GnuProgram("rev")
{
    protected override string Version => "rev from util-linux 2.38.1";

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("");
        foreach (var file in o.Operands.Count == 0 ? ["-"] : o.Operands)
        {
            using var reader = await c.TryOpenReaderAsync(file);
            while (reader is not null && await reader.ReadLineAsync() is { } line)
            {
                c.Write(string.Concat(line.Reverse()) + (reader.LastLineEnded ? "\n" : ""));
                await c.DrainAsync();
            }
        }
        return c.Status;
    }
}

internal sealed class Paste() : GnuProgram("paste")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("d:sz", "delimiters= d", "serial s", "zero-terminated z");
        var delimiters = (o.Last("d") ?? "\t").Replace("\\t", "\t", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal);
        string Between(int i) => delimiters.Length == 0 ? "" : delimiters[i % delimiters.Length].ToString();
        var readers = new List<ByteReader?>();
        foreach (var file in o.Operands.Count == 0 ? ["-"] : o.Operands)
        {
            var shared = file == "-" ? readers.Find(r => r is { IsStandardInput: true }) : null;
            readers.Add(shared ?? await c.TryOpenReaderAsync(file) ?? throw new ProgramExit(1));
        }
        if (o.Has("s"))
        {
            foreach (var reader in readers)
            {
                var lines = new List<string>();
                while (await reader!.ReadLineAsync() is { } line)
                {
                    lines.Add(line);
                }
                c.WriteLine(string.Concat(lines.Select((l, i) => i == 0 ? l : Between(i - 1) + l)));
            }
            return 0;
        }
        while (true)
        {
            var any = false;
            var text = "";
            for (var i = 0; i < readers.Count; i++)
            {
                var line = readers[i] is null ? null : await readers[i]!.ReadLineAsync();
                any |= line is not null;
                readers[i] = line is null ? null : readers[i];
                text += (i == 0 ? "" : Between(i - 1)) + line;
            }
            if (!any)
            {
                return 0;
            }
            c.WriteLine(text);
            await c.DrainAsync();
        }
    }
}

internal sealed class Nl() : GnuProgram("nl")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("b:s:w:v:i:n:", "body-numbering= b", "number-separator= s", "number-width= w", "starting-line-number= v", "line-increment= i", "number-format= n");
        var width = Number(c, o, "w", 6);
        var number = Number(c, o, "v", 1);
        var separator = o.Last("s") ?? "\t";
        foreach (var file in o.Operands.Count == 0 ? ["-"] : o.Operands)
        {
            using var reader = await c.TryOpenReaderAsync(file);
            while (reader is not null && await reader.ReadLineAsync() is { } line)
            {
                var numbered = o.Last("b") switch { "a" => true, "n" => false, _ => line.Length > 0 };
                var text = o.Last("n") switch { "ln" => number.ToString().PadRight(width), "rz" => number.ToString().PadLeft(width, '0'), _ => number.ToString().PadLeft(width) };
                c.WriteLine(numbered ? text + separator + line : new string(' ', width + separator.Length) + line);
                number += numbered ? Number(c, o, "i", 1) : 0;
                await c.DrainAsync();
            }
        }
        return c.Status;
    }

    private static int Number(Invocation c, OptionSet o, string key, int otherwise) =>
        o.Last(key) is not { } text ? otherwise : int.TryParse(text, out var number) ? number : throw c.Die($"invalid line number: {Quote.Locale(text)}");
}

internal sealed class Comm() : GnuProgram("comm")
{
    private readonly string[] _disorder = ["", "file 1 is not in sorted order", "file 2 is not in sorted order"];

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("123", "nocheck-order", "check-order");
        if (o.Operands.Count < 2)
        {
            throw c.MissingOperand(o.Operands.ElementAtOrDefault(0));
        }
        using var first = await c.TryOpenReaderAsync(o.Operands[0]) ?? throw new ProgramExit(1);
        using var second = await c.TryOpenReaderAsync(o.Operands[1]) ?? throw new ProgramExit(1);
        var unpaired = o.Has("check-order");
        var a = await first.ReadLineAsync();
        var b = await second.ReadLineAsync();
        while (a is not null || b is not null)
        {
            var order = a is null ? 1 : b is null ? -1 : string.CompareOrdinal(a, b);
            var column = order < 0 ? 1 : order > 0 ? 2 : 3;
            if (!o.Has(column.ToString()))
            {
                var tabs = (column > 1 && !o.Has("1") ? 1 : 0) + (column > 2 && !o.Has("2") ? 1 : 0);
                c.WriteLine(new string('\t', tabs) + (order <= 0 ? a : b));
            }
            // The order is looked at once a line had no partner.
            unpaired |= order != 0 && !o.Has("nocheck-order");
            a = order <= 0 ? Checked(c, unpaired, 1, a, await first.ReadLineAsync()) : a;
            b = order >= 0 ? Checked(c, unpaired, 2, b, await second.ReadLineAsync()) : b;
            await c.DrainAsync();
        }
        if (c.Status != 0)
        {
            c.Warn("input is not in sorted order");
        }
        return c.Status;
    }

    private string? Checked(Invocation c, bool check, int file, string? before, string? next)
    {
        if (check && next is not null && string.CompareOrdinal(before, next) > 0 && !c.Said(_disorder[file]))
        {
            c.Fail(_disorder[file]);
        }
        return next;
    }
}

internal sealed class Shuf() : GnuProgram("shuf")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("ei:n:r", "echo e", "input-range= i", "head-count= n", "repeat r");
        List<string> lines = [];
        if (o.Last("i") is { } range)
        {
            var ends = range.Split('-');
            if (ends.Length != 2 || !int.TryParse(ends[0], out var low) || !int.TryParse(ends[1], out var high) || high < low)
            {
                throw c.Die($"invalid input range: {Quote.Locale(range)}");
            }
            c.Process.Allocate(32L * (high - low + 1));
            lines.AddRange(Enumerable.Range(low, high - low + 1).Select(i => i.ToString()));
        }
        else if (o.Has("e"))
        {
            lines.AddRange(o.Operands);
        }
        else
        {
            using var reader = await c.TryOpenReaderAsync(o.Operands.ElementAtOrDefault(0) ?? "-") ?? throw new ProgramExit(1);
            while (await reader.ReadLineAsync() is { } line)
            {
                c.Process.Allocate(line.Length + 32);
                lines.Add(line);
            }
        }
        var shuffled = lines.ToArray();
        Random.Shared.Shuffle(shuffled);
        foreach (var line in shuffled.Take(int.TryParse(o.Last("n"), out var count) ? count : int.MaxValue))
        {
            c.WriteLine(line);
            await c.DrainAsync();
        }
        return 0;
    }
}
