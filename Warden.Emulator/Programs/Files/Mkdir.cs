using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Mkdir() : GnuProgram("mkdir")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var options = c.Options("pm:vZ", "parents p", "mode= m", "verbose v");
        if (options.Operands.Count == 0)
        {
            throw c.MissingOperand();
        }
        int? mode = null;
        if (options.Last("m") is { } text)
        {
            var change = FileModes.Parse(text) ?? throw c.Die($"invalid mode {Quote.Locale(text)}");
            mode = change(0x1FF, false, c.Process.Umask);
        }
        foreach (var path in options.Operands)
        {
            try
            {
                if (options.Has("p"))
                {
                    MakeParents(c, path, options.Has("v"));
                }
                Make(c, path, mode, options.Has("p"), options.Has("v"));
            }
            catch (ErrnoException failure)
            {
                c.Fail($"cannot create directory {Quote.Always(path)}: {failure.Message}");
            }
            await c.DrainAsync();
        }
        return c.Status;
    }

    private static void Make(Invocation c, string path, int? mode, bool parents, bool verbose)
    {
        try
        {
            c.Process.MakeDirectory(path, mode ?? 0x1FF);
        }
        catch (ErrnoException failure) when (parents && failure.Errno is Errno.EEXIST or Errno.EISDIR && FilePath.IsDirectory(c.Process, path))
        {
            return;
        }
        if (mode is not null)
        {
            c.Process.ChangeMode(path, mode.Value);
        }
        if (verbose)
        {
            c.WriteLine($"{c.Name}: created directory {Quote.Always(path)}");
        }
    }

    private static void MakeParents(Invocation c, string path, bool verbose)
    {
        for (var slash = path.IndexOf('/', 1 > path.Length ? 0 : 1); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            var parent = path[..slash];
            if (parent.EndsWith('/') || path[slash..].All(x => x == '/'))
            {
                continue;
            }
            var status = FilePath.TryStat(c.Process, parent);
            if (status?.Kind == FileKind.Directory)
            {
                continue;
            }
            c.Process.MakeDirectory(parent);
            if (verbose)
            {
                c.WriteLine($"{c.Name}: created directory {Quote.Always(parent)}");
            }
        }
    }
}
