using System.Buffers;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Chmod() : GnuProgram("chmod")
{
    private static readonly SearchValues<char> ModeLetters = SearchValues.Create("rwxXstugo,+-=01234567");

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var arguments = c.Arguments.ToList();
        // A mode such as -x or -w looks like an option.
        var dashMode = arguments.FindIndex(a => a.Length > 1 && a[0] == '-' && a.AsSpan(1).IndexOfAnyExcept(ModeLetters) < 0 && a != "--");
        string? mode = null;
        if (dashMode >= 0)
        {
            mode = arguments[dashMode];
            arguments.RemoveAt(dashMode);
        }
        var o = OptionSet.Parse(c, arguments, "Rcfv", ["recursive R", "changes c", "silent f", "quiet f", "verbose v", "reference=", "preserve-root", "no-preserve-root"]);
        Func<int, bool, int, int>? change;
        if (o.Last("reference") is { } reference)
        {
            try
            {
                var wanted = c.Process.Stat(reference).Mode;
                change = (_, _, _) => wanted;
            }
            catch (ErrnoException failure)
            {
                throw c.Die($"failed to get attributes of {Quote.Always(reference)}: {failure.Message}");
            }
        }
        else
        {
            if (mode is null)
            {
                if (o.Operands.Count == 0)
                {
                    throw c.MissingOperand();
                }
                mode = o.Operands[0];
                o.Operands.RemoveAt(0);
            }
            if (o.Operands.Count == 0)
            {
                throw c.MissingOperand(mode);
            }
            change = FileModes.Parse(mode) ?? throw c.Usage($"invalid mode: {Quote.Locale(mode)}");
        }
        if (o.Operands.Count == 0)
        {
            throw c.MissingOperand();
        }
        foreach (var path in o.Operands)
        {
            await ApplyAsync(c, o, path, change, operand: true);
        }
        return c.Status;
    }

    private static async ValueTask ApplyAsync(Invocation c, OptionSet o, string path, Func<int, bool, int, int> change, bool operand)
    {
        FileStatus status;
        try
        {
            status = operand ? c.Process.Stat(path) : c.Process.LinkStat(path);
        }
        catch (ErrnoException failure)
        {
            if (o.Has("f"))
            {
                c.Status = 1;
                return;
            }
            var dangling = FilePath.TryLinkStat(c.Process, path) is not null;
            c.Fail(dangling ? $"cannot operate on dangling symlink {Quote.Always(path)}" : $"cannot access {Quote.Always(path)}: {failure.Message}");
            return;
        }
        if (status.Kind == FileKind.SymbolicLink)
        {
            return;
        }
        var mode = change(status.Mode, status.Kind == FileKind.Directory, c.Process.Umask);
        try
        {
            c.Process.ChangeMode(path, mode);
            if (o.Has("v") || (o.Has("c") && mode != status.Mode))
            {
                var (before, after) = (FileModes.Text(status)[1..], FileModes.Text(status with { Mode = mode })[1..]);
                c.WriteLine(mode == status.Mode
                    ? $"mode of {Quote.Always(path)} retained as {Octal(mode)} ({after})"
                    : $"mode of {Quote.Always(path)} changed from {Octal(status.Mode)} ({before}) to {Octal(mode)} ({after})");
            }
        }
        catch (ErrnoException failure)
        {
            c.Status = 1;
            if (!o.Has("f"))
            {
                c.Fail($"changing permissions of {Quote.Always(path)}: {failure.Message}");
            }
        }
        if (o.Has("R") && status.Kind == FileKind.Directory)
        {
            try
            {
                foreach (var entry in c.Process.ReadDirectory(path))
                {
                    await ApplyAsync(c, o, FilePath.Join(path, entry.Name), change, operand: false);
                }
            }
            catch (ErrnoException failure)
            {
                c.Fail($"cannot read directory {Quote.Always(path)}: {failure.Message}");
            }
        }
        await c.DrainAsync();
    }

    private static string Octal(int mode) => FileModes.Octal(mode).PadLeft(4, '0');
}
