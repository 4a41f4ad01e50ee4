using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Install() : GnuProgram("install")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options(
            "bcCdDg:m:o:pst:TvZ", "directory d", "mode= m", "owner= o", "group= g", "preserve-timestamps p", "strip s", "target-directory= t",
            "no-target-directory T", "verbose v", "compare C");
        var modeText = o.Last("m") ?? "755";
        var change = FileModes.Parse(modeText) ?? throw c.Die($"invalid mode {Quote.Locale(modeText)}");
        var users = await UserDatabase.LoadAsync(c);
        uint? owner = o.Last("o") is { } u ? users.UserId(u) ?? throw c.Die($"invalid user {Quote.Locale(u)}") : null;
        uint? group = o.Last("g") is { } g ? users.GroupId(g) ?? throw c.Die($"invalid group {Quote.Locale(g)}") : null;
        void Finish(string path)
        {
            if (owner is not null || group is not null)
            {
                try
                {
                    c.Process.ChangeOwner(path, owner, group);
                }
                catch (ErrnoException failure)
                {
                    c.Fail($"cannot change ownership of {Quote.Always(path)}: {failure.Message}");
                }
            }
            c.Process.ChangeMode(path, change(0, false, 0));
        }
        if (o.Has("d"))
        {
            foreach (var path in o.Operands.Count > 0 ? o.Operands : throw c.Usage("missing file operand"))
            {
                if (MakeParents(c, path, o.Has("v")))
                {
                    Finish(path);
                }
            }
            return c.Status;
        }
        if (o.Has("D") && o.Operands.Count >= 2 - (o.Has("t") ? 1 : 0))
        {
            MakeParents(c, o.Last("t") ?? FilePath.DirectoryName(o.Operands[^1]), o.Has("v"));
        }
        var copier = new FileCopier(c) { PreserveTimes = o.Has("p"), Verbose = o.Has("v"), Force = true };
        foreach (var (source, target) in TargetOperands.Resolve(c, o))
        {
            if (FilePath.TryStat(c.Process, source)?.Kind == FileKind.Directory)
            {
                c.Fail($"omitting directory {Quote.Always(source)}");
                continue;
            }
            if (FilePath.TryLinkStat(c.Process, target) is { Kind: not FileKind.Directory } existing && FilePath.TryStat(c.Process, source) is { } from)
            {
                if (FilePath.SameFile(existing, from))
                {
                    c.Fail($"{Quote.Always(source)} and {Quote.Always(target)} are the same file");
                    continue;
                }
                // The old file may be in use: its name goes to a new one.
                c.Process.Unlink(target);
            }
            if (await copier.CopyAsync(source, target))
            {
                Finish(target);
            }
        }
        return c.Status;
    }

    private static bool MakeParents(Invocation c, string path, bool verbose)
    {
        if (FilePath.TryStat(c.Process, path) is { } status)
        {
            if (status.Kind != FileKind.Directory)
            {
                c.Fail($"cannot create directory {Quote.Always(path)}: {ErrnoException.Describe(Errno.EEXIST)}");
                return false;
            }
            return true;
        }
        if (!MakeParents(c, FilePath.DirectoryName(path), verbose))
        {
            return false;
        }
        try
        {
            c.Process.MakeDirectory(path, 0x1ED);
            if (verbose)
            {
                c.WriteLine($"install: creating directory {Quote.Always(path)}");
            }
            return true;
        }
        catch (ErrnoException failure)
        {
            c.Fail($"cannot create directory {Quote.Always(path)}: {failure.Message}");
            return false;
        }
    }
}
