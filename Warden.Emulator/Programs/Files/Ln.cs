using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Ln() : GnuProgram("ln")
{
    protected override ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options(
            "bdfFinLPrst:Tv", "force f", "symbolic s", "no-dereference n", "relative r", "verbose v", "target-directory= t",
            "no-target-directory T", "logical L", "physical P", "interactive i");
        if (o.Operands.Count == 1 && o.Last("t") is null && !o.Has("T"))
        {
            o.Operands.Add(".");
        }
        foreach (var (source, target) in TargetOperands.Resolve(c, o, followTarget: !o.Has("n")))
        {
            try
            {
                Make(c, o, source, target);
            }
            catch (ErrnoException failure)
            {
                // Of a hard link that only the existing name can have hindered both names are told.
                var text = o.Has("s") || failure.Errno == Errno.EEXIST || failure.Errno == Errno.ENOSPC || failure.Errno == Errno.EDQUOT || failure.Errno == Errno.EROFS
                    ? $"failed to create {(o.Has("s") ? "symbolic" : "hard")} link {Quote.Always(target)}"
                    : $"failed to create hard link {Quote.Always(target)} => {Quote.Always(source)}";
                c.Fail($"{text}: {failure.Message}");
            }
        }
        return ValueTask.FromResult(c.Status);
    }

    private static void Make(Invocation c, OptionSet o, string source, string target)
    {
        var symbolic = o.Has("s");
        if (!symbolic)
        {
            FileStatus status;
            try
            {
                status = o.Has("L") ? c.Process.Stat(source) : c.Process.LinkStat(source);
            }
            catch (ErrnoException failure)
            {
                c.Fail($"failed to access {Quote.Always(source)}: {failure.Message}");
                return;
            }
            if (status.Kind == FileKind.Directory)
            {
                c.Fail($"{Quote.Maybe(source)}: hard link not allowed for directory");
                return;
            }
        }
        if (o.Has("f") && FilePath.TryLinkStat(c.Process, target) is { } existing)
        {
            if (existing.Kind == FileKind.Directory)
            {
                c.Fail($"{Quote.Maybe(target)}: cannot overwrite directory");
                return;
            }
            if (FilePath.TryLinkStat(c.Process, source) is { } same && FilePath.SameFile(same, existing) && !symbolic)
            {
                c.Fail($"{Quote.Always(source)} and {Quote.Always(target)} are the same file");
                return;
            }
            c.Process.Unlink(target);
        }
        if (symbolic)
        {
            c.Process.SymbolicLink(o.Has("r") ? Realpath.Relative(c.Process, source, FilePath.DirectoryName(target)) : source, target);
        }
        else
        {
            c.Process.Link(source, target, followLinks: o.Has("L"));
        }
        if (o.Has("v"))
        {
            c.WriteLine($"{Quote.Always(target)} {(symbolic ? "->" : "=>")} {Quote.Always(source)}");
        }
    }
}
