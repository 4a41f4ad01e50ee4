using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Wc() : GnuProgram("wc")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("clLmw", "bytes c", "chars m", "lines l", "max-line-length L", "words w", "files0-from=");
        var columns = "lwmcL".Where(k => o.Has(k.ToString())).ToList();
        if (columns.Count == 0)
        {
            columns = ['l', 'w', 'c'];
        }
        var rows = new List<(Counts Counts, string? Name)>();
        var total = new Counts();
        var files = o.Operands.Count == 0 ? ["-"] : o.Operands;
        var width = Width(c.Process, files, columns.Count, o.Operands.Count == 0);
        foreach (var file in files)
        {
            try
            {
                var counts = await CountAsync(c, file);
                total.Add(counts);
                rows.Add((counts, o.Operands.Count == 0 ? null : file));
                Print(c, columns, width, counts, rows[^1].Name);
            }
            catch (ErrnoException failure)
            {
                if (failure.Errno == Errno.EISDIR)
                {
                    Print(c, columns, width, new Counts(), file);
                }
                c.Fail($"{Quote.Maybe(file)}: {failure.Message}");
            }
            await c.DrainAsync();
        }
        if (files.Count > 1)
        {
            Print(c, columns, width, total, "total");
        }
        return c.Status;
    }

    private static void Print(Invocation c, List<char> columns, int width, Counts counts, string? name)
    {
        var numbers = columns.Select(k => counts.Of(k).ToString().PadLeft(width));
        c.WriteLine(string.Join(' ', numbers) + (name is null ? "" : " " + name));
    }

    // As wide as the sum of the files' sizes; 7 when a size is not known beforehand; a lone number is not padded.
    private static int Width(Process process, List<string> files, int columns, bool standardInput)
    {
        if (files.Count == 1 && columns == 1)
        {
            return 1;
        }
        var minimum = 1;
        long total = 0;
        foreach (var file in files)
        {
            var status = standardInput || file == "-" ? process.TryGetFile(0, out var open) ? open.Status : null : FilePath.TryStat(process, file);
            if (status is null)
            {
                continue;
            }
            if (status.Kind == FileKind.Regular)
            {
                total += status.Size;
            }
            else
            {
                minimum = 7;
            }
        }
        return Math.Max(minimum, total.ToString().Length);
    }

    private static async ValueTask<Counts> CountAsync(Invocation c, string file)
    {
        var fd = await c.OpenInputAsync(file);
        try
        {
            var counts = new Counts();
            var buffer = new byte[64 * 1024];
            while (await c.Process.ReadAsync(fd, buffer) is var count && count > 0)
            {
                counts.Take(buffer.AsSpan(0, count));
            }
            counts.End();
            return counts;
        }
        finally
        {
            if (fd != 0)
            {
                c.Process.Close(fd);
            }
        }
    }

    private sealed class Counts
    {
        private long _lines;
        private long _words;
        private long _bytes;
        private long _longest;
        private long _column;
        private bool _inWord;

        public long Of(char column) => column switch { 'l' => _lines, 'w' => _words, 'L' => _longest, _ => _bytes };

        public void Add(Counts other)
        {
            _lines += other._lines;
            _words += other._words;
            _bytes += other._bytes;
            _longest = Math.Max(_longest, other._longest);
        }

        public void Take(ReadOnlySpan<byte> data)
        {
            _bytes += data.Length;
            foreach (var b in data)
            {
                switch (b)
                {
                    case (byte)'\n' or (byte)'\r' or (byte)'\f':
                        _lines += b == '\n' ? 1 : 0;
                        _longest = Math.Max(_longest, _column);
                        _column = 0;
                        _inWord = false;
                        break;
                    case (byte)'\t':
                        _column += 8 - (_column % 8);
                        _inWord = false;
                        break;
                    case (byte)' ' or (byte)'\v':
                        _column += b == ' ' ? 1 : 0;
                        _inWord = false;
                        break;
                    default:
                        _column += b is >= 32 and < 127 ? 1 : 0;
                        _words += _inWord || b is < 33 or > 126 ? 0 : 1;
                        _inWord |= b is >= 33 and <= 126;
                        break;
                }
            }
        }

        public void End() => _longest = Math.Max(_longest, _column);
    }
}
