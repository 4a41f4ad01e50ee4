using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Head() : GnuProgram("head")
{
    private const int BlockSize = 64 * 1024;

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var arguments = c.Arguments.ToList();
        // The old form: head -5.
        if (arguments.Count > 0 && arguments[0].Length > 1 && arguments[0][0] == '-' && char.IsAsciiDigit(arguments[0][1]))
        {
            var digits = arguments[0].AsSpan(1).ToString();
            var flag = digits.EndsWith('c') ? "-c" : "-n";
            arguments[0] = flag + digits.TrimEnd('c', 'l', 'q', 'v');
        }
        var o = OptionSet.Parse(c, arguments, "c:n:qvz", ["bytes= c", "lines= n", "quiet q", "silent q", "verbose v", "zero-terminated z"]);
        var bytes = o.LastOf("c", "n") == "c";
        var text = o.Last(bytes ? "c" : "n") ?? "10";
        var fromEnd = text.StartsWith('-');
        if (!Sizes.TryParse(fromEnd ? text[1..] : text, out var count))
        {
            throw c.Die($"invalid number of {(bytes ? "bytes" : "lines")}: {Quote.Locale(text)}");
        }
        var files = o.Operands.Count == 0 ? ["-"] : o.Operands;
        var headers = o.LastOf("q", "v") is { } key ? key == "v" : files.Count > 1;
        var first = true;
        foreach (var file in files)
        {
            int fd;
            try
            {
                fd = await c.OpenInputAsync(file);
            }
            catch (ErrnoException failure)
            {
                c.Fail($"cannot open {Quote.Always(file)} for reading: {failure.Message}");
                await c.DrainAsync();
                continue;
            }
            if (headers)
            {
                c.Write($"{(first ? "" : "\n")}==> {(file == "-" ? "standard input" : file)} <==\n");
                await c.FlushAsync();
            }
            first = false;
            try
            {
                await (fromEnd ? AllButAsync(c, fd, count, bytes, o.Has("z")) : FirstAsync(c, fd, count, bytes, o.Has("z") ? (byte)0 : (byte)'\n'));
            }
            catch (ErrnoException failure)
            {
                c.Fail($"error reading {Quote.Always(file)}: {failure.Message}");
            }
            finally
            {
                if (fd != 0)
                {
                    c.Process.Close(fd);
                }
            }
        }
        return c.Status;
    }

    private static async ValueTask FirstAsync(Invocation c, int fd, long left, bool bytes, byte separator)
    {
        var buffer = new byte[BlockSize];
        while (left > 0)
        {
            var count = await c.Process.ReadAsync(fd, bytes ? buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)) : buffer);
            if (count == 0)
            {
                return;
            }
            var used = count;
            if (bytes)
            {
                left -= count;
            }
            else
            {
                used = Lines(buffer.AsSpan(0, count), separator, ref left);
                if (used < count)
                {
                    GiveBack(c.Process, fd, used - count);
                }
            }
            await Cat.WriteOutputAsync(c, buffer.AsMemory(0, used));
        }
    }

    // What was read beyond the last line belongs to the next reader of the same file.
    private static void GiveBack(Process process, int fd, long offset)
    {
        try
        {
            process.GetFile(fd).Seek(offset, SeekOrigin.Current);
        }
        catch (ErrnoException)
        {
            // A pipe keeps nothing.
        }
    }

    private static int Lines(ReadOnlySpan<byte> data, byte separator, ref long left)
    {
        var used = 0;
        while (left > 0)
        {
            var at = data[used..].IndexOf(separator);
            if (at < 0)
            {
                return data.Length;
            }
            used += at + 1;
            left--;
        }
        return used;
    }

    private static async ValueTask AllButAsync(Invocation c, int fd, long count, bool bytes, bool zero)
    {
        var reader = new ByteReader(c.Process, fd);
        if (bytes)
        {
            var all = await reader.ReadToEndAsync();
            c.Write(all[..(int)Math.Max(0, all.Length - count)]);
            await c.FlushAsync();
            return;
        }
        var end = zero ? '\0' : '\n';
        var held = new Queue<string>();
        while (await reader.ReadLineAsync((byte)end) is { } line)
        {
            held.Enqueue(reader.LastLineEnded ? line + end : line);
            if (held.Count > count)
            {
                c.Write(held.Dequeue());
            }
            await c.DrainAsync();
        }
        await c.FlushAsync();
    }
}
