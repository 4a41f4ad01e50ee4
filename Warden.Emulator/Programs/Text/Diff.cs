using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Diff() : GnuProgram("diff")
{
    protected override int FailureStatus => 2;

    protected override string Version => "diff (GNU diffutils) 3.8";

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("aBbiNqrsuU:w", "unified? u", "brief q", "recursive r", "new-file N", "report-identical-files s", "ignore-case i", "ignore-all-space w", "ignore-space-change b", "ignore-blank-lines B", "text a", "color?");
        if (o.Operands.Count < 2)
        {
            throw c.Usage(o.Operands.Count == 0 ? $"missing operand after '{c.Name}'" : $"missing operand after '{o.Operands[0]}'");
        }
        if (o.Operands.Count > 2)
        {
            throw c.Usage($"extra operand '{o.Operands[2]}'");
        }
        var (left, right) = (o.Operands[0], o.Operands[1]);
        if (left != "-" && right != "-")
        {
            var (a, b) = (FilePath.IsDirectory(c.Process, left), FilePath.IsDirectory(c.Process, right));
            left = a && !b ? FilePath.Join(left, FilePath.BaseName(right)) : left;
            right = b && !a ? FilePath.Join(right, FilePath.BaseName(left)) : right;
            if (a && b)
            {
                await DirectoriesAsync(c, o, left, right);
                return c.Status;
            }
        }
        await FilesAsync(c, o, left, right, null);
        return c.Status;
    }

    private static async ValueTask DirectoriesAsync(Invocation c, OptionSet o, string left, string right)
    {
        var a = FilePath.Sorted(c.Process, left).ToDictionary(e => e.Name, e => e.Kind, StringComparer.Ordinal);
        var b = FilePath.Sorted(c.Process, right).ToDictionary(e => e.Name, e => e.Kind, StringComparer.Ordinal);
        foreach (var name in a.Keys.Union(b.Keys).Order(StringComparer.Ordinal))
        {
            var (x, y) = (FilePath.Join(left, name), FilePath.Join(right, name));
            if ((!a.ContainsKey(name) || !b.ContainsKey(name)) && !o.Has("N"))
            {
                c.WriteLine($"Only in {(a.ContainsKey(name) ? left : right)}: {name}");
                c.Status = Math.Max(c.Status, 1);
            }
            else if (FilePath.IsDirectory(c.Process, x) && FilePath.IsDirectory(c.Process, y))
            {
                if (o.Has("r"))
                {
                    await DirectoriesAsync(c, o, x, y);
                }
                else
                {
                    c.WriteLine($"Common subdirectories: {x} and {y}");
                }
            }
            else
            {
                await FilesAsync(c, o, x, y, $"diff {string.Join(' ', c.Arguments.Where(w => w.StartsWith('-')).Append(x).Append(y))}");
            }
            await c.DrainAsync();
        }
    }

    private static async ValueTask FilesAsync(Invocation c, OptionSet o, string left, string right, string? title)
    {
        var (a, b) = (await ReadAsync(c, o, left), await ReadAsync(c, o, right));
        if (a is null || b is null)
        {
            c.Status = 2;
            return;
        }
        var (x, y) = (Lines(a), Lines(b));
        var edits = a == b ? [] : new DiffScript(x, y, Key(o)).Edits();
        if (edits.Count == 0)
        {
            if (o.Has("s"))
            {
                c.WriteLine($"Files {left} and {right} are identical");
            }
            return;
        }
        c.Status = Math.Max(c.Status, 1);
        if (o.Has("q"))
        {
            c.WriteLine($"Files {left} and {right} differ");
            return;
        }
        if (!o.Has("a") && (a.Contains('\0', StringComparison.Ordinal) || b.Contains('\0', StringComparison.Ordinal)))
        {
            c.WriteLine($"Binary files {left} and {right} differ");
            return;
        }
        if (title is not null)
        {
            c.WriteLine(title);
        }
        var printer = new DiffPrinter(c, x, y);
        if (o.LastOf("u", "U") is { } unified)
        {
            c.WriteLine($"--- {left}\t{Time(c, left)}");
            c.WriteLine($"+++ {right}\t{Time(c, right)}");
            printer.Unified(edits, int.TryParse(o.Last(unified), out var context) ? context : 3);
        }
        else
        {
            printer.Normal(edits);
        }
    }

    private static string Time(Invocation c, string path)
    {
        var time = path == "-" ? c.Process.Clock.GetUtcNow() : FilePath.TryStat(c.Process, path)?.Modified ?? DateTimeOffset.UnixEpoch;
        return DateFormat.Format(time.ToUniversalTime(), "%Y-%m-%d %H:%M:%S.%N %z");
    }

    private static Func<string, string> Key(OptionSet o) => line =>
    {
        line = o.Has("i") ? line.ToLowerInvariant() : line;
        return o.Has("w") ? string.Concat(line.Where(x => x is not (' ' or '\t')))
            : o.Has("b") ? string.Join(' ', line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)) : line;
    };

    private static async ValueTask<string?> ReadAsync(Invocation c, OptionSet o, string path)
    {
        try
        {
            return await c.ReadAllAsync(path);
        }
        catch (ErrnoException failure)
        {
            if (o.Has("N") && failure.Errno == Errno.ENOENT)
            {
                return "";
            }
            c.Warn($"{path}: {failure.Message}");
            return null;
        }
    }

    // Lines keep their newlines, so that a missing last one is a difference.
    private static List<string> Lines(string text)
    {
        var lines = new List<string>();
        for (var at = 0; at < text.Length;)
        {
            var end = text.IndexOf('\n', at) is var newline && newline < 0 ? text.Length : newline + 1;
            lines.Add(text[at..end]);
            at = end;
        }
        return lines;
    }
}
