using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Uniq() : GnuProgram("uniq")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options(
            "cdDf:is:uw:z", "count c", "repeated d", "all-repeated? D", "skip-fields= f", "ignore-case i", "skip-chars= s", "unique u", "check-chars= w", "zero-terminated z", "group?");
        if (o.Operands.Count > 2)
        {
            throw c.ExtraOperand(o.Operands[2]);
        }
        var separator = o.Has("z") ? '\0' : '\n';
        var input = o.Operands.ElementAtOrDefault(0) ?? "-";
        var reader = await c.TryOpenReaderAsync(input) ?? throw new ProgramExit(1);
        if (o.Operands.Count == 2 && o.Operands[1] != "-")
        {
            try
            {
                var fd = await c.Process.OpenAsync(o.Operands[1], OpenFlags.Write | OpenFlags.Create | OpenFlags.Truncate);
                c.Process.DuplicateTo(fd, 1);
                c.Process.Close(fd);
            }
            catch (ErrnoException failure)
            {
                throw c.Die($"{Quote.Maybe(o.Operands[1])}: {failure.Message}");
            }
        }
        using (reader)
        {
            string? first = null;
            string key = "";
            long count = 0;
            while (await reader.ReadLineAsync((byte)separator) is { } line)
            {
                var lineKey = Key(c, o, line);
                if (first is not null && lineKey == key)
                {
                    count++;
                    if (o.Has("D"))
                    {
                        c.Write((count == 2 ? first + separator : "") + line + separator);
                    }
                    continue;
                }
                Show(c, o, first, count, separator);
                (first, key, count) = (line, lineKey, 1);
                await c.DrainAsync();
            }
            Show(c, o, first, count, separator);
        }
        return 0;
    }

    private static void Show(Invocation c, OptionSet o, string? line, long count, char separator)
    {
        if (line is null || o.Has("D") || (o.Has("d") && count < 2) || (o.Has("u") && count > 1))
        {
            return;
        }
        c.Write((o.Has("c") ? count.ToString().PadLeft(7) + " " : "") + line + separator);
    }

    private static string Key(Invocation c, OptionSet o, string line)
    {
        var at = 0;
        for (var fields = Number(c, o, "f", "fields to skip"); fields > 0 && at < line.Length; fields--)
        {
            while (at < line.Length && line[at] is ' ' or '\t')
            {
                at++;
            }
            while (at < line.Length && line[at] is not (' ' or '\t'))
            {
                at++;
            }
        }
        at = (int)Math.Min(line.Length, at + Number(c, o, "s", "bytes to skip"));
        var key = line[at..];
        if (o.Has("w"))
        {
            key = key[..(int)Math.Min(key.Length, Number(c, o, "w", "bytes to compare"))];
        }
        return o.Has("i") ? key.ToUpperInvariant() : key;
    }

    private static long Number(Invocation c, OptionSet o, string key, string what) =>
        o.Last(key) is not { } text ? 0 : long.TryParse(text, out var number) && number >= 0 ? number : throw c.Die($"{text}: invalid number of {what}");
}
