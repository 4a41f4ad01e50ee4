namespace Warden.Emulator.Programs;

internal sealed class Cp() : GnuProgram("cp")
{
    protected override async ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options(
            "abdfHilLnprst:uvxPRT", "archive a", "force f", "link l", "no-clobber n", "dereference L", "no-dereference P", "recursive r",
            "symbolic-link s", "update u", "verbose v", "target-directory= t", "no-target-directory T", "preserve? preserve",
            "no-preserve=", "parents", "attributes-only", "one-file-system x", "interactive i", "sparse=", "reflink?", "remove-destination");
        var archive = o.Has("a");
        var preserve = o.All.Where(x => x.Key == "preserve")
            .SelectMany(x => x.Value.Length == 0 ? ["mode", "ownership", "timestamps"] : x.Value.Split(',')).ToHashSet();
        if (archive)
        {
            preserve.Add("all");
        }
        if (o.Has("p"))
        {
            preserve.UnionWith(["mode", "ownership", "timestamps"]);
        }
        if (o.Has("d"))
        {
            preserve.Add("links");
        }
        preserve.ExceptWith(o.All.Where(x => x.Key == "no-preserve").SelectMany(x => x.Value.Split(',')));
        bool Keeps(string what) => preserve.Contains("all") || preserve.Contains(what);
        var recursive = archive || o.LastOf("r", "R") is not null;
        var links = o.LastOf("L", "P", "H", "d", "a");
        var copier = new FileCopier(c)
        {
            Recursive = recursive,
            NoDereference = links is "P" or "d" or "a" or "H" || (links is null && recursive),
            DereferenceOperands = links == "H",
            PreserveMode = Keeps("mode"),
            PreserveOwner = Keeps("ownership"),
            PreserveTimes = Keeps("timestamps"),
            PreserveLinks = Keeps("links"),
            Force = o.LastOf("f", "remove-destination") is not null,
            NoClobber = o.LastOf("n", "i", "f") == "n" || (o.Has("n") && !o.Has("i")),
            Update = o.Has("u"),
            Verbose = o.Has("v"),
            MakeLinks = o.Has("l"),
            MakeSymbolicLinks = o.Has("s"),
            AttributesOnly = o.Has("attributes-only"),
        };
        foreach (var (source, target) in TargetOperands.Resolve(c, o))
        {
            var destination = target;
            if (o.Has("parents"))
            {
                destination = FilePath.Join(o.Last("t") ?? o.Operands[^1], source.TrimStart('/'));
                MakeParents(c, FilePath.DirectoryName(destination));
            }
            await copier.CopyAsync(source, destination);
        }
        return c.Status;
    }

    private static void MakeParents(Invocation c, string directory)
    {
        if (FilePath.TryStat(c.Process, directory) is null)
        {
            MakeParents(c, FilePath.DirectoryName(directory));
            c.Process.MakeDirectory(directory);
        }
    }
}
