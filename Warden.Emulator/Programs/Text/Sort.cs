using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Sort() : GnuProgram("sort")
{
    // What a line costs beside its bytes: its entry in the list of lines.
    private const int LineOverhead = 32;

    protected override int FailureStatus => 2;

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options(
            "bCcdfghik:Mmno:RrS:st:T:uVz", "ignore-leading-blanks b", "check? c", "dictionary-order d", "ignore-case f", "general-numeric-sort g",
            "human-numeric-sort h", "key= k", "month-sort M", "merge m", "numeric-sort n", "output= o", "random-sort R", "reverse r", "stable s",
            "field-separator= t", "unique u", "version-sort V", "zero-terminated z", "buffer-size= S", "temporary-directory= T", "parallel=", "sort=", "debug",
            "ignore-nonprinting i", "batch-size=", "files0-from=", "compress-program=");
        var order = new SortOrder(c, o);
        var separator = o.Has("z") ? '\0' : '\n';
        var files = o.Operands.Count == 0 ? ["-"] : o.Operands;
        if (o.LastOf("c", "C") is { } check)
        {
            if (files.Count > 1)
            {
                throw c.Die($"extra operand {Quote.Always(files[1])} not allowed with -{check}");
            }
            return await CheckAsync(c, o, order, files[0], separator);
        }
        var lines = new List<string>();
        long held = 0;
        foreach (var file in files)
        {
            try
            {
                using var reader = new ByteReader(c.Process, await OpenAsync(c, file));
                while (await reader.ReadLineAsync((byte)separator) is { } line)
                {
                    lines.Add(line);
                    held += line.Length + LineOverhead;
                    if (held >= 64 * 1024)
                    {
                        c.Process.Allocate(held);
                        held = 0;
                        await c.DrainAsync();
                    }
                }
            }
            catch (ErrnoException failure)
            {
                throw c.Die($"read failed: {Quote.Maybe(file)}: {failure.Message}");
            }
        }
        c.Process.Allocate(held);
        var sorted = order.Sort(lines);
        if (o.Last("o") is { } output)
        {
            try
            {
                var fd = await c.Process.OpenAsync(output, OpenFlags.Write | OpenFlags.Create | OpenFlags.Truncate);
                c.Process.DuplicateTo(fd, 1);
                c.Process.Close(fd);
            }
            catch (ErrnoException failure)
            {
                throw c.Die($"open failed: {Quote.Maybe(output)}: {failure.Message}");
            }
        }
        string? previous = null;
        foreach (var line in sorted)
        {
            if (o.Has("u") && previous is not null && order.CompareKeys(previous, line) == 0)
            {
                continue;
            }
            previous = line;
            c.Write(line);
            c.Write(separator);
            await c.DrainAsync();
        }
        return 0;
    }

    private static async ValueTask<int> OpenAsync(Invocation c, string file)
    {
        try
        {
            return await c.OpenInputAsync(file);
        }
        catch (ErrnoException failure)
        {
            throw c.Die($"cannot read: {Quote.Maybe(file)}: {failure.Message}");
        }
    }

    private static async ValueTask<int> CheckAsync(Invocation c, OptionSet o, SortOrder order, string file, char separator)
    {
        using var reader = new ByteReader(c.Process, await OpenAsync(c, file));
        string? previous = null;
        for (var number = 1; await reader.ReadLineAsync((byte)separator) is { } line; number++)
        {
            if (previous is not null && (order.Compare(previous, line) > 0 || (o.Has("u") && order.CompareKeys(previous, line) == 0)))
            {
                if (o.LastOf("c", "C") == "c" && o.Last("c") is not ("quiet" or "silent"))
                {
                    c.Warn($"{file}:{number}: disorder: {line}");
                }
                return 1;
            }
            previous = line;
            await c.DrainAsync();
        }
        return 0;
    }
}
