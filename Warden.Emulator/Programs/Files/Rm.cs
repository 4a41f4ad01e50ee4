using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Rm() : GnuProgram("rm")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var options = c.Options(
            "dfiIrRv", "dir d", "force f", "recursive r", "verbose v", "interactive? i", "no-preserve-root", "preserve-root? preserve", "one-file-system");
        var remover = new TreeRemover(c)
        {
            Recursive = options.LastOf("r", "R") is not null,
            Directories = options.Has("d"),
            Verbose = options.Has("v"),
            Force = options.LastOf("f", "i", "I") == "f",
            Ask = options.LastOf("f", "i", "I") == "i" && options.Last("i") != "never",
        };
        if (options.Operands.Count == 0)
        {
            return options.Has("f") ? 0 : throw c.MissingOperand();
        }
        foreach (var path in options.Operands)
        {
            if (remover.Recursive && IsRoot(c.Process, path) && !options.Has("no-preserve-root"))
            {
                c.Fail(path == "/"
                    ? "it is dangerous to operate recursively on '/'"
                    : $"it is dangerous to operate recursively on {Quote.Always(path)} (same as '/')");
                c.Warn("use --no-preserve-root to override this failsafe");
                continue;
            }
            if (remover.Recursive && FilePath.BaseName(path) is "." or "..")
            {
                c.Fail($"refusing to remove '.' or '..' directory: skipping {Quote.Always(path)}");
                continue;
            }
            await remover.RemoveAsync(path);
            await c.DrainAsync();
        }
        return c.Status;
    }

    private static bool IsRoot(Process process, string path) =>
        FilePath.TryLinkStat(process, path) is { Kind: FileKind.Directory } status && FilePath.SameFile(status, process.Stat("/"));
}
