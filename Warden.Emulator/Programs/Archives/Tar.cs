using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Tar() : GnuProgram("tar")
{
    protected override int FailureStatus => 2;

    protected override string Version => "tar (GNU tar) 1.34";

    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var arguments = c.Arguments.ToList();
        // The old form: tar czf FILE, whose options take their arguments in order.
        if (arguments.Count > 0 && arguments[0].Length > 0 && arguments[0][0] != '-')
        {
            var letters = arguments[0];
            arguments.RemoveAt(0);
            var at = 0;
            var expanded = new List<string>();
            foreach (var letter in letters)
            {
                expanded.Add("-" + letter);
                if (letter is 'f' or 'C' or 'T' or 'X' or 'b' && at < arguments.Count)
                {
                    expanded.Add(arguments[at++]);
                }
            }
            arguments = [.. expanded, .. arguments.Skip(at)];
        }
        var o = OptionSet.Parse(
            c, arguments, "ctxrf:C:zvpkmOPhaT:X:",
            ["create c", "list t", "extract x", "get x", "append r", "file= f", "directory= C", "gzip z", "gunzip z", "verbose v", "strip-components=", "exclude=", "preserve-permissions p",
                "same-permissions p", "keep-old-files k", "to-stdout O", "absolute-names P", "dereference h", "no-same-owner", "same-owner", "numeric-owner", "owner=", "group=", "auto-compress a",
                "transform=", "format=", "wildcards", "touch m", "no-recursion", "sort=", "mtime=", "files-from= T"]);
        var modes = o.All.Count(x => x.Key is "c" or "t" or "x" or "r");
        if (modes == 0)
        {
            throw Misused(c, "You must specify one of the '-Acdtrux', '--delete' or '--test-label' options");
        }
        if (modes > 1)
        {
            throw Misused(c, "You may not specify more than one '-Acdtrux', '--delete' or  '--test-label' option");
        }
        var archive = o.Last("f") ?? "-";
        var users = await UserDatabase.LoadAsync(c);
        if (o.Has("c"))
        {
            if (o.Operands.Count == 0)
            {
                throw Misused(c, "Cowardly refusing to create an empty archive");
            }
            await CreateAsync(c, o, users, archive);
        }
        else if (o.Has("r"))
        {
            throw c.Die("cannot append to archives");
        }
        else
        {
            await new TarReader(c, o, users).RunAsync(await OpenAsync(c, archive));
        }
        if (c.Status != 0)
        {
            c.Warn("Exiting with failure status due to previous errors");
        }
        return c.Status;
    }

    private static ProgramExit Misused(Invocation c, string message)
    {
        c.Warn(message);
        c.WarnRaw("Try 'tar --help' or 'tar --usage' for more information.\n");
        return new ProgramExit(2);
    }

    private static async ValueTask CreateAsync(Invocation c, OptionSet o, UserDatabase users, string archive)
    {
        var output = 1;
        if (archive != "-")
        {
            try
            {
                output = await c.Process.OpenAsync(archive, OpenFlags.Write | OpenFlags.Create | OpenFlags.Truncate);
            }
            catch (ErrnoException failure)
            {
                c.Warn($"{archive}: Cannot open: {failure.Message}");
                throw c.Die("Error is not recoverable: exiting now");
            }
        }
        ChangeDirectory(c, o);
        var pack = o.Has("z") || (o.Has("a") && (archive.EndsWith(".gz", StringComparison.Ordinal) || archive.EndsWith(".tgz", StringComparison.Ordinal)));
        var writer = new TarWriter(c, o, users, output, pack);
        foreach (var path in o.Operands)
        {
            await writer.AddAsync(path);
        }
        await writer.FinishAsync();
    }

    private static async ValueTask<byte[]> OpenAsync(Invocation c, string archive)
    {
        try
        {
            var data = ByteText.ToBytes(await c.ReadAllAsync(archive));
            c.Process.Allocate(data.Length);
            return data.Length > 2 && data[0] == 0x1F && data[1] == 0x8B ? Gzip.Expand(data) : data;
        }
        catch (ErrnoException failure)
        {
            c.Warn($"{archive}: Cannot open: {failure.Message}");
            throw c.Die("Error is not recoverable: exiting now");
        }
        catch (InvalidDataException)
        {
            throw c.Die("Child returned status 1");
        }
    }

    public static void ChangeDirectory(Invocation c, OptionSet o)
    {
        foreach (var (_, directory) in o.All.Where(x => x.Key == "C"))
        {
            try
            {
                c.Process.ChangeDirectory(directory);
            }
            catch (ErrnoException failure)
            {
                c.Warn($"{directory}: Cannot open: {failure.Message}");
                throw c.Die("Error is not recoverable: exiting now");
            }
        }
    }
}
