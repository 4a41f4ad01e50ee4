using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Mv() : GnuProgram("mv")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var options = c.Options(
            "bfint:uvT", "force f", "interactive i", "no-clobber n", "target-directory= t", "no-target-directory T", "update u", "verbose v", "strip-trailing-slashes");
        foreach (var (source, target) in TargetOperands.Resolve(c, options))
        {
            try
            {
                await MoveAsync(c, options, source, target);
            }
            catch (ErrnoException failure)
            {
                c.Fail($"cannot move {Quote.Always(source)} to {Quote.Always(target)}: {failure.Message}");
            }
            await c.DrainAsync();
        }
        return c.Status;
    }

    private static async ValueTask MoveAsync(Invocation c, OptionSet options, string source, string target)
    {
        FileStatus status;
        try
        {
            status = c.Process.LinkStat(source);
        }
        catch (ErrnoException failure)
        {
            c.Fail($"cannot stat {Quote.Always(source)}: {failure.Message}");
            return;
        }
        if (FilePath.TryLinkStat(c.Process, target) is { } existing)
        {
            if (options.LastOf("n", "f", "i") == "n" || (options.Has("u") && existing.Modified >= status.Modified))
            {
                return;
            }
            if (FilePath.SameFile(status, existing) && status.Links <= 1)
            {
                c.Fail($"{Quote.Always(source)} and {Quote.Always(target)} are the same file");
                return;
            }
            if (status.Kind == FileKind.Directory && existing.Kind != FileKind.Directory)
            {
                c.Fail($"cannot overwrite non-directory {Quote.Always(target)} with directory {Quote.Always(source)}");
                return;
            }
            if (status.Kind != FileKind.Directory && existing.Kind == FileKind.Directory)
            {
                c.Fail($"cannot overwrite directory {Quote.Always(target)} with non-directory");
                return;
            }
        }
        try
        {
            c.Process.Rename(source, target);
        }
        catch (ErrnoException failure) when (failure.Errno == Errno.EINVAL)
        {
            c.Fail($"cannot move {Quote.Always(source)} to a subdirectory of itself, {Quote.Always(target)}");
            return;
        }
        catch (ErrnoException failure) when (failure.Errno == Errno.EXDEV)
        {
            var copier = new FileCopier(c)
            {
                Recursive = true,
                NoDereference = true,
                PreserveMode = true,
                PreserveOwner = true,
                PreserveTimes = true,
                PreserveLinks = true,
                Force = true,
            };
            if (!await copier.CopyAsync(source, target) || !await new TreeRemover(c) { Recursive = true }.RemoveAsync(source))
            {
                return;
            }
        }
        if (options.Has("v"))
        {
            c.WriteLine($"renamed {Quote.Always(source)} -> {Quote.Always(target)}");
        }
    }
}
