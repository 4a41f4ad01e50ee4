using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Readlink() : GnuProgram("readlink")
{
    protected override ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("femnqsvz", "canonicalize f", "canonicalize-existing e", "canonicalize-missing m", "no-newline n", "quiet q", "silent s", "verbose v", "zero z");
        if (o.Operands.Count == 0)
        {
            throw c.MissingOperand();
        }
        foreach (var path in o.Operands)
        {
            try
            {
                var text = o.LastOf("f", "e", "m") switch
                {
                    "f" => Realpath.Resolve(c.Process, path, Realpath.Existence.AllButLast),
                    "e" => Realpath.Resolve(c.Process, path, Realpath.Existence.All),
                    "m" => Realpath.Resolve(c.Process, path, Realpath.Existence.None),
                    _ => c.Process.ReadLink(path),
                };
                c.Write(text + (o.Has("z") ? "\0" : o.Has("n") && o.Operands.Count == 1 ? "" : "\n"));
            }
            catch (ErrnoException failure)
            {
                if (o.LastOf("v", "q", "s") == "v")
                {
                    c.Warn($"{Quote.Maybe(path)}: {failure.Message}");
                }
                c.Status = 1;
            }
        }
        return ValueTask.FromResult(c.Status);
    }
}
