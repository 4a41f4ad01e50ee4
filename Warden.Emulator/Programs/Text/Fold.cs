using System.Text;
using Warden.Emulator.FileSystem;

namespace Warden.Emulator.Programs;

internal sealed class Fold() : GnuProgram("fold")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("bsw:", "bytes b", "spaces s", "width= w");
        var width = int.TryParse(o.Last("w") ?? "80", out var n) && n > 0 ? n : throw c.Die($"invalid number of columns: {Quote.Locale(o.Last("w")!)}");
        foreach (var file in o.Operands.Count == 0 ? ["-"] : o.Operands)
        {
            using var reader = await c.TryOpenReaderAsync(file);
            while (reader is not null && await reader.ReadLineAsync() is { } line)
            {
                while (line.Length > width)
                {
                    var blank = o.Has("s") ? line.LastIndexOf(' ', width - 1) : -1;
                    var cut = blank >= 0 ? blank + 1 : width;
                    c.WriteLine(line[..cut]);
                    line = line[cut..];
                }
                c.Write(line + (reader.LastLineEnded ? "\n" : ""));
                await c.DrainAsync();
            }
        }
        return c.Status;
    }
}

internal sealed class Expand() : GnuProgram("expand")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("it:", "initial i", "tabs= t");
        var stop = int.TryParse(o.Last("t") ?? "8", out var n) && n > 0 ? n : throw c.Die($"tab size contains invalid character(s): {Quote.Locale(o.Last("t")!)}");
        foreach (var file in o.Operands.Count == 0 ? ["-"] : o.Operands)
        {
            using var reader = await c.TryOpenReaderAsync(file);
            while (reader is not null && await reader.ReadLineAsync() is { } line)
            {
                var text = new StringBuilder();
                foreach (var x in line)
                {
                    _ = x == '\t' ? text.Append(' ', stop - (text.Length % stop)) : text.Append(x);
                }
                c.Write(text.Append(reader.LastLineEnded ? "\n" : "").ToString());
                await c.DrainAsync();
            }
        }
        return c.Status;
    }
}

internal sealed class Factor() : GnuProgram("factor")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("");
        IEnumerable<string> words = o.Operands.Count > 0 ? o.Operands : (await c.ReadAllAsync("-")).Split((char[])[' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries);
        foreach (var word in words)
        {
            if (!ulong.TryParse(word, out var number))
            {
                c.Fail($"{Quote.Always(word)} is not a valid positive integer");
                continue;
            }
            c.Write(number + ":");
            for (ulong factor = 2; number > 1; factor++)
            {
                if (factor * factor > number || factor > uint.MaxValue)
                {
                    factor = number;
                }
                while (number % factor == 0 && number > 1)
                {
                    c.Write(" " + factor);
                    number /= factor;
                }
                if ((factor & 0xFFFF) == 0)
                {
                    await c.Process.CheckpointAsync();
                }
            }
            c.Write('\n');
        }
        return c.Status;
    }
}

internal sealed class Split() : GnuProgram("split")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("a:b:C:dl:n:", "suffix-length= a", "bytes= b", "lines= l", "numeric-suffixes? d", "additional-suffix=");
        var length = int.TryParse(o.Last("a") ?? "2", out var n) && n > 0 ? n : throw c.Usage($"invalid suffix length: {Quote.Locale(o.Last("a")!)}");
        long bytes = 0;
        if (o.Last("b") is { } text && (!Sizes.TryParse(text, out bytes) || bytes == 0))
        {
            throw c.Die($"invalid number of bytes: {Quote.Locale(text)}");
        }
        var lines = long.TryParse(o.Last("l") ?? "1000", out var count) && count > 0 ? count : throw c.Die($"invalid number of lines: {Quote.Locale(o.Last("l")!)}");
        var prefix = o.Operands.ElementAtOrDefault(1) ?? "x";
        using var reader = await c.TryOpenReaderAsync(o.Operands.ElementAtOrDefault(0) ?? "-") ?? throw new ProgramExit(1);
        for (var piece = 0; await reader.PeekByteAsync() >= 0; piece++)
        {
            var name = prefix + Suffix(c, piece, length, o.Has("d")) + o.Last("additional-suffix");
            var fd = await c.Process.OpenAsync(name, OpenFlags.Write | OpenFlags.Create | OpenFlags.Truncate);
            if (bytes > 0)
            {
                var block = new byte[Math.Min(bytes, 64 * 1024)];
                for (var left = bytes; left > 0 && await reader.ReadFullyAsync(block.AsMemory(0, (int)Math.Min(left, block.Length))) is var got && got > 0; left -= got)
                {
                    await c.Process.WriteAsync(fd, block.AsMemory(0, got));
                }
            }
            else
            {
                for (var left = lines; left > 0 && await reader.ReadLineAsync() is { } line; left--)
                {
                    await c.Process.WriteAsync(fd, reader.LastLineEnded ? line + "\n" : line);
                }
            }
            c.Process.Close(fd);
        }
        return 0;
    }

    private static string Suffix(Invocation c, int piece, int length, bool numeric)
    {
        var radix = numeric ? 10 : 26;
        var text = "";
        for (var i = 0; i < length; i++)
        {
            text = (char)((numeric ? '0' : 'a') + (piece % radix)) + text;
            piece /= radix;
        }
        return piece == 0 ? text : throw c.Die("output file suffixes exhausted");
    }
}
