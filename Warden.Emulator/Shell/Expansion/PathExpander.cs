using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;
using Warden.Emulator.Shell.Execution;

namespace Warden.Emulator.Shell.Expansion;

/// <summary>Pathname expansion; results are sorted as the C locale sorts.</summary>
internal sealed class PathExpander(Interpreter shell)
{
    private readonly bool _extended = shell.Options.ExtendedPatterns;
    private readonly bool _hidden = shell.Options.DotGlob;
    private readonly bool _ignoreCase = shell.Options.NoCaseGlob;

    public List<string> Expand(string pattern)
    {
        var results = new List<string>();
        var start = 0;
        while (start < pattern.Length && pattern[start] == '/')
        {
            start++;
        }

        Walk(pattern[..start], Split(pattern[start..]), 0, results);
        results.Sort(StringComparer.Ordinal);
        return results;
    }

    private static List<string> Split(string pattern)
    {
        var pieces = new List<string>();
        var depth = 0;
        var start = 0;
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\':
                    i++;
                    break;
                case '(':
                    depth++;
                    break;
                case ')':
                    depth--;
                    break;
                case '/' when depth <= 0:
                    pieces.Add(pattern[start..i]);
                    start = i + 1;
                    break;
            }
        }

        pieces.Add(pattern[start..]);
        return pieces;
    }

    private void Walk(string prefix, List<string> pieces, int index, List<string> results)
    {
        shell.Process.Checkpoint();
        if (index == pieces.Count)
        {
            results.Add(prefix);
            return;
        }

        var piece = pieces[index];
        var last = index == pieces.Count - 1;
        if (piece.Length == 0)
        {
            // A slash at the end takes directories only; in the middle it is one slash more.
            if (!last || IsDirectory(prefix))
            {
                Walk(last ? prefix : prefix + "/", pieces, index + 1, results);
            }

            return;
        }

        if (piece == "**" && shell.Options.GlobStar)
        {
            WalkDeep(prefix, pieces, index, results);
            return;
        }

        if (!PatternMatcher.HasSpecial(piece, _extended))
        {
            var path = prefix + PatternMatcher.Unescape(piece);
            if (last ? Exists(path) : IsDirectory(path))
            {
                Walk(last ? path : path + "/", pieces, index + 1, results);
            }

            return;
        }

        foreach (var entry in Entries(prefix))
        {
            if (!Matches(piece, entry.Name))
            {
                continue;
            }

            var path = prefix + entry.Name;
            if (last)
            {
                results.Add(path);
            }
            else if (IsDirectory(path))
            {
                Walk(path + "/", pieces, index + 1, results);
            }
        }
    }

    // ** is no directory, one, or any number of them one in another; symbolic links are not followed.
    private void WalkDeep(string prefix, List<string> pieces, int index, List<string> results)
    {
        var last = index == pieces.Count - 1;
        if (!last)
        {
            Walk(prefix, pieces, index + 1, results);
        }
        else if (prefix.Length > 0)
        {
            results.Add(prefix);
        }

        var pending = new Stack<string>();
        pending.Push(prefix);
        while (pending.TryPop(out var directory))
        {
            foreach (var entry in Entries(directory))
            {
                if (entry.Name[0] == '.' && !_hidden)
                {
                    continue;
                }

                var path = directory + entry.Name;
                if (last)
                {
                    results.Add(path);
                }

                if (entry.Kind == FileKind.Directory)
                {
                    if (!last)
                    {
                        Walk(path + "/", pieces, index + 1, results);
                    }

                    pending.Push(path + "/");
                }
            }
        }
    }

    private bool Matches(string pattern, string name) =>
        (name[0] != '.' || _hidden || pattern[0] == '.' || pattern.StartsWith("\\.", StringComparison.Ordinal))
        && PatternMatcher.IsMatch(pattern, name, _extended, _ignoreCase);

    private IEnumerable<DirectoryEntry> Entries(string prefix)
    {
        try
        {
            return shell.Process.ReadDirectory(prefix.Length == 0 ? "." : prefix);
        }
        catch (ErrnoException)
        {
            return [];
        }
    }

    private bool Exists(string path)
    {
        try
        {
            shell.Process.LinkStat(path);
            return true;
        }
        catch (ErrnoException)
        {
            return false;
        }
    }

    private bool IsDirectory(string path)
    {
        try
        {
            return shell.Process.Stat(path.Length == 0 ? "." : path).Kind == FileKind.Directory;
        }
        catch (ErrnoException)
        {
            return false;
        }
    }
}
