using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>fallocate: the room is taken by writing zeros where the file has none yet, so that quotas count it.</summary>
internal sealed class Fallocate() : GnuProgram("fallocate")
{
    protected override string Version => "fallocate from util-linux 2.38.1";

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("cdil:no:pvxz", "length= l", "offset= o", "keep-size n", "punch-hole p", "verbose v", "zero-range z", "posix x");
        if (o.Operands.Count == 0)
        {
            throw c.Die("no filename specified");
        }
        if (o.Operands.Count > 1)
        {
            throw c.Die("unexpected number of arguments");
        }
        if (!o.Has("l"))
        {
            throw c.Die("no length argument specified");
        }
        if (!Sizes.TryParse(o.Last("l")!, out var length) || length <= 0)
        {
            throw c.Die("invalid length value specified");
        }
        if (!Sizes.TryParse(o.Last("o") ?? "0", out var offset))
        {
            throw c.Die("invalid offset value specified");
        }
        var path = o.Operands[0];
        int fd;
        try
        {
            fd = await c.Process.OpenAsync(path, OpenFlags.Read | OpenFlags.Write | OpenFlags.Create);
        }
        catch (ErrnoException failure)
        {
            throw c.Die($"cannot open {path}: {failure.Message}");
        }
        try
        {
            var file = c.Process.GetFile(fd);
            var size = file.Status.Size;
            var block = new byte[64 * 1024];
            for (var at = o.Has("z") ? offset : Math.Max(offset, size); at < offset + length;)
            {
                var count = (int)Math.Min(block.Length, offset + length - at);
                file.Seek(at, SeekOrigin.Begin);
                await file.WriteAsync(c.Process, block.AsMemory(0, count));
                at += count;
            }
            if (o.Has("n"))
            {
                file.Truncate(c.Process, size);
            }
        }
        catch (ErrnoException failure)
        {
            throw c.Die($"fallocate failed: {failure.Message}");
        }
        finally
        {
            c.Process.Close(fd);
        }
        return 0;
    }
}
