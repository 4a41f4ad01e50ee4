using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Truncate() : GnuProgram("truncate")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("cor:s:", "no-create c", "io-blocks o", "reference= r", "size= s");
        if (!o.Has("s") && !o.Has("r"))
        {
            throw c.Usage("you must specify either '--size' or '--reference'");
        }
        if (o.Operands.Count == 0)
        {
            throw c.Usage("missing file operand");
        }
        var text = o.Last("s") ?? "";
        var sign = text.Length > 0 && "+-<>/%".Contains(text[0], StringComparison.Ordinal) ? text[0] : '\0';
        long size = 0;
        if (o.Has("s") && !Sizes.TryParse(sign == '\0' ? text : text[1..], out size))
        {
            throw c.Die($"Invalid number: {Quote.Locale(text)}");
        }
        long? reference = null;
        if (o.Last("r") is { } path)
        {
            try
            {
                reference = c.Process.Stat(path).Size;
            }
            catch (ErrnoException failure)
            {
                throw c.Die($"cannot stat {Quote.Always(path)}: {failure.Message}");
            }
        }
        foreach (var file in o.Operands)
        {
            await ApplyAsync(c, o, file, sign, size, reference);
        }
        return c.Status;
    }

    private static async ValueTask ApplyAsync(Invocation c, OptionSet o, string file, char sign, long size, long? reference)
    {
        int fd;
        try
        {
            fd = await c.Process.OpenAsync(file, OpenFlags.Write | (o.Has("c") ? 0 : OpenFlags.Create));
        }
        catch (ErrnoException failure)
        {
            if (!o.Has("c") || failure.Errno != Errno.ENOENT)
            {
                c.Fail($"cannot open {Quote.Always(file)} for writing: {failure.Message}");
            }
            return;
        }
        var length = size;
        try
        {
            var open = c.Process.GetFile(fd);
            var old = reference ?? open.Status.Size;
            length = sign switch
            {
                '+' => old + size,
                '-' => Math.Max(0, old - size),
                '<' => Math.Min(old, size),
                '>' => Math.Max(old, size),
                '/' => size == 0 ? throw c.Die("division by zero") : old / size * size,
                '%' => size == 0 ? throw c.Die("division by zero") : (old + size - 1) / size * size,
                _ => o.Has("s") ? size : old,
            };
            open.Truncate(c.Process, length);
        }
        catch (ErrnoException failure)
        {
            c.Fail($"failed to truncate {Quote.Always(file)} at {length} bytes: {failure.Message}");
        }
        finally
        {
            c.Process.Close(fd);
        }
    }
}
