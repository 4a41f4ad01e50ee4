using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

internal sealed class Realpath() : GnuProgram("realpath")
{
    protected override ValueTask<int> MainAsync(Invocation c)
    {
        var o = c.Options(
            "eLmPqsz", "canonicalize-existing e", "canonicalize-missing m", "quiet q", "strip s", "no-symlinks s", "zero z", "relative-to=", "relative-base=", "logical L", "physical P");
        if (o.Operands.Count == 0)
        {
            throw c.MissingOperand();
        }
        var need = o.LastOf("e", "m") switch { "e" => Existence.All, "m" => Existence.None, _ => Existence.AllButLast };
        foreach (var path in o.Operands)
        {
            try
            {
                var resolved = o.Has("s") ? Normalise(FilePath.Join(c.Process.CurrentDirectory, path), path) : Resolve(c.Process, path, need);
                if (o.Last("relative-to") is { } start)
                {
                    resolved = Relate(resolved, Resolve(c.Process, start, need));
                }
                c.Write(resolved + (o.Has("z") ? "\0" : "\n"));
            }
            catch (ErrnoException failure)
            {
                if (!o.Has("q"))
                {
                    c.Warn($"{Quote.Maybe(path)}: {failure.Message}");
                }
                c.Status = 1;
            }
        }
        return ValueTask.FromResult(c.Status);
    }

    /// <summary>Which components of a path must exist.</summary>
    internal enum Existence
    {
        All,
        AllButLast,
        None,
    }

    /// <summary>The path without symbolic links, "." and "..".</summary>
    public static string Resolve(Process process, string path, Existence need)
    {
        if (path.Length == 0)
        {
            throw new ErrnoException(Errno.ENOENT);
        }
        if (need == Existence.All)
        {
            return process.RealPath(path);
        }
        var pending = new Stack<string>(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        var resolved = path[0] == '/' ? "/" : process.RealPath(".");
        var links = 0;
        while (pending.TryPop(out var name))
        {
            if (name == ".")
            {
                continue;
            }
            if (name == "..")
            {
                resolved = FilePath.DirectoryName(resolved);
                continue;
            }
            var next = FilePath.Join(resolved, name);
            FileStatus? status = null;
            try
            {
                status = process.LinkStat(next);
            }
            catch (ErrnoException failure) when (need == Existence.None || (failure.Errno == Errno.ENOENT && pending.Count == 0))
            {
                // What is missing may be missing here.
            }
            if (status?.Kind == FileKind.SymbolicLink)
            {
                if (++links > 40)
                {
                    throw new ErrnoException(Errno.ELOOP);
                }
                var target = process.ReadLink(next);
                foreach (var part in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
                {
                    pending.Push(part);
                }
                resolved = target.StartsWith('/') ? "/" : resolved;
                continue;
            }
            if (status is not null && status.Kind != FileKind.Directory && (pending.Count > 0 || path.EndsWith('/')) && need != Existence.None)
            {
                throw new ErrnoException(Errno.ENOTDIR);
            }
            resolved = next;
        }
        return resolved;
    }

    /// <summary>The path of <paramref name="source"/> seen from a directory.</summary>
    public static string Relative(Process process, string source, string directory)
    {
        var to = Resolve(process, source, Existence.None);
        return Relate(to, Resolve(process, directory, Existence.None));
    }

    private static string Relate(string path, string start)
    {
        var a = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var b = start.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var common = 0;
        while (common < a.Length && common < b.Length && a[common] == b[common])
        {
            common++;
        }
        var parts = Enumerable.Repeat("..", b.Length - common).Concat(a.Skip(common)).ToList();
        return parts.Count == 0 ? "." : string.Join('/', parts);
    }

    private static string Normalise(string joined, string path)
    {
        var parts = new List<string>();
        foreach (var part in (path.StartsWith('/') ? path : joined).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".." && parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not ("." or ".."))
            {
                parts.Add(part);
            }
        }
        return "/" + string.Join('/', parts);
    }
}
