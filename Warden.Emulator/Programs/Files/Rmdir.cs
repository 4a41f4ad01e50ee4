using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Rmdir() : GnuProgram("rmdir")
{
    protected override ValueTask<int> MainAsync(Invocation c)
    {
        var options = c.Options("pv", "parents p", "verbose v", "ignore-fail-on-non-empty ignore");
        if (options.Operands.Count == 0)
        {
            throw c.MissingOperand();
        }
        foreach (var path in options.Operands)
        {
            var current = path;
            while (Remove(c, options, current, isParent: current != path) && options.Has("p") && FilePath.DirectoryName(current) is var parent && parent is not ("." or "/"))
            {
                current = parent;
            }
        }
        return ValueTask.FromResult(c.Status);
    }

    private static bool Remove(Invocation c, OptionSet options, string path, bool isParent)
    {
        if (options.Has("v"))
        {
            c.WriteLine($"rmdir: removing directory, {Quote.Always(path)}");
        }
        try
        {
            c.Process.RemoveDirectory(path);
            return true;
        }
        catch (ErrnoException failure)
        {
            if (!options.Has("ignore") || failure.Errno is not (Errno.ENOTEMPTY or Errno.EEXIST))
            {
                c.Fail($"failed to remove {(isParent ? "directory " : "")}{Quote.Always(path)}: {failure.Message}");
            }
            return false;
        }
    }
}
