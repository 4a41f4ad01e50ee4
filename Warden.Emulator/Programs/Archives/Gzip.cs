using System.IO.Compression;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>gzip, gunzip and zcat.</summary>
internal sealed class Gzip(string name) : GnuProgram(name)
{
    protected override string Version => "gzip 1.12";

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options("cdfhklnNqrtv123456789", "stdout c", "to-stdout c", "decompress d", "uncompress d", "force f", "keep k", "list l", "no-name n", "quiet q", "test t", "verbose v", "fast 1", "best 9");
        var expand = Name != "gzip" || o.Has("d") || o.Has("t");
        var toOutput = Name == "zcat" || o.Has("c") || o.Has("t");
        foreach (var file in o.Operands.Count == 0 ? ["-"] : o.Operands)
        {
            try
            {
                await OneAsync(c, o, file, expand, toOutput || file == "-");
            }
            catch (ErrnoException failure)
            {
                c.WarnRaw($"gzip: {file}: {failure.Message}\n");
                c.Status = 1;
            }
            catch (InvalidDataException)
            {
                c.WarnRaw($"\ngzip: {(file == "-" ? "stdin" : file)}: not in gzip format\n");
                c.Status = 1;
            }
            await c.DrainAsync();
        }
        return c.Status;
    }

    /// <summary>Packs bytes as gzip does with -n.</summary>
    public static byte[] Compress(byte[] data)
    {
        using var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            stream.Write(data);
        }
        return packed.ToArray();
    }

    /// <summary>Unpacks.</summary>
    /// <exception cref="InvalidDataException">It is no gzip data.</exception>
    public static byte[] Expand(byte[] data)
    {
        if (data.Length < 18 || data[0] != 0x1F || data[1] != 0x8B)
        {
            throw new InvalidDataException("not in gzip format");
        }
        using var stream = new GZipStream(new MemoryStream(data), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        stream.CopyTo(plain);
        return plain.ToArray();
    }

    private static async ValueTask OneAsync(Invocation c, OptionSet o, string file, bool expand, bool toOutput)
    {
        var source = file;
        if (expand && file != "-" && !FilePath.BaseName(file).Contains('.', StringComparison.Ordinal) && FilePath.TryStat(c.Process, file) is null)
        {
            source += ".gz";
        }
        var target = expand ? Expanded(source) : source + ".gz";
        if (!toOutput && target is null)
        {
            c.WarnRaw($"gzip: {file}: unknown suffix -- ignored\n");
            c.Status = 2;
            return;
        }
        var status = file == "-" ? null : c.Process.Stat(source);
        if (status?.Kind == FileKind.Directory)
        {
            c.WarnRaw($"gzip: {file} is a directory -- ignored\n");
            c.Status = 2;
            return;
        }
        var data = ByteText.ToBytes(await c.ReadAllAsync(source));
        c.Process.Allocate(data.Length);
        var result = expand ? Expand(data) : Compress(data);
        c.Process.Free(data.Length);
        if (o.Has("t"))
        {
            return;
        }
        if (toOutput)
        {
            c.Write(result);
            await c.FlushAsync();
            return;
        }
        if (FilePath.TryLinkStat(c.Process, target!) is not null && !o.Has("f"))
        {
            c.WarnRaw($"gzip: {target} already exists;\tnot overwritten\n");
            c.Status = 2;
            return;
        }
        var fd = await c.Process.OpenAsync(target!, OpenFlags.Write | OpenFlags.Create | OpenFlags.Truncate, status!.Mode & 0x1FF);
        await c.Process.WriteAsync(fd, result);
        c.Process.Close(fd);
        c.Process.SetTimes(target!, status.Accessed, status.Modified);
        if (!o.Has("k"))
        {
            c.Process.Unlink(source);
        }
    }

    private static string? Expanded(string path) => path.EndsWith(".tgz", StringComparison.Ordinal) ? path[..^4] + ".tar"
        : path.EndsWith(".gz", StringComparison.Ordinal) ? path[..^3] : null;
}
