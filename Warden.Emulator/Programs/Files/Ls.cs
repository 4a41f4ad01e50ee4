using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Ls(string name = "ls") : GnuProgram(name)
{
    protected override int FailureStatus => 2;

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options(
            "aAbBcCdfFgGhHiI:klLmnNopqQrRsStT:uUvw:xXZ1", "all a", "almost-all A", "directory d", "classify? F", "human-readable h", "inode i",
            "numeric-uid-gid n", "reverse r", "recursive R", "size s", "dereference L", "no-group G", "color?", "sort= sort", "time= time", "time-style= time-style",
            "full-time", "ignore= I", "hide=", "format=", "file-type", "indicator-style=", "group-directories-first", "literal N", "quote-name Q", "escape b",
            "zero", "kibibytes k", "block-size=", "si", "width= w", "show-control-chars", "ignore-backups B");
        var format = new LsFormat(c, o, await UserDatabase.LoadAsync(c));
        var operands = o.Operands.Count == 0 ? ["."] : o.Operands;
        var files = new List<LsEntry>();
        var directories = new List<LsEntry>();
        foreach (var path in operands)
        {
            try
            {
                var entry = format.Entry(path, path, operand: true);
                (entry.Status.Kind == FileKind.Directory && !format.DirectoriesAsFiles ? directories : files).Add(entry);
            }
            catch (ErrnoException failure)
            {
                c.Fail($"cannot access {Quote.Always(path)}: {failure.Message}", 2);
            }
        }
        await c.DrainAsync();
        format.Sort(files);
        format.Print(files);
        format.Sort(directories);
        var first = files.Count == 0;
        var headers = operands.Count > 1 || format.Recursive;
        foreach (var directory in directories)
        {
            first = await ListAsync(c, format, directory.Path, headers, first);
        }
        return c.Status;
    }

    private static async ValueTask<bool> ListAsync(Invocation c, LsFormat format, string path, bool header, bool first)
    {
        IReadOnlyList<DirectoryEntry> names;
        try
        {
            names = c.Process.ReadDirectory(path);
        }
        catch (ErrnoException failure)
        {
            c.Fail($"cannot open directory {Quote.Always(path)}: {failure.Message}", format.Recursive ? 1 : 2);
            return first;
        }
        if (header)
        {
            c.Write((first ? "" : "\n") + path + ":\n");
        }
        var entries = new List<LsEntry>();
        foreach (var name in names.Select(n => n.Name).Concat(format.All ? [".", ".."] : []))
        {
            if (!format.Shows(name))
            {
                continue;
            }
            try
            {
                entries.Add(format.Entry(FilePath.Join(path, name), name, operand: false));
            }
            catch (ErrnoException failure)
            {
                c.Fail($"cannot access {Quote.Always(FilePath.Join(path, name))}: {failure.Message}", 1);
            }
        }
        format.Sort(entries);
        if (format.ShowsTotal)
        {
            c.WriteLine("total " + format.Blocks(entries.Sum(e => e.Status.Blocks)));
        }
        format.Print(entries);
        await c.DrainAsync();
        if (format.Recursive)
        {
            foreach (var entry in entries)
            {
                if (entry.Status.Kind == FileKind.Directory && entry.Name is not ("." or ".."))
                {
                    await ListAsync(c, format, entry.Path, header: true, first: false);
                }
            }
        }
        return false;
    }
}

/// <summary>One line of ls.</summary>
internal sealed record LsEntry(string Name, string Path, FileStatus Status, string? LinkTarget, FileStatus? LinkStatus);
