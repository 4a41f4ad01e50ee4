using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>Paths as text, and questions about what is there.</summary>
internal static class FilePath
{
    public static string Join(string directory, string name) =>
        directory.EndsWith('/') ? directory + name : directory + "/" + name;

    /// <summary>The last component; "/" of the root.</summary>
    public static string BaseName(string path)
    {
        var trimmed = TrimSlashes(path);
        return trimmed == "/" ? "/" : trimmed[(trimmed.LastIndexOf('/') + 1)..];
    }

    /// <summary>All but the last component, as dirname(1) has it.</summary>
    public static string DirectoryName(string path)
    {
        var trimmed = TrimSlashes(path);
        var slash = trimmed.LastIndexOf('/');
        return slash < 0 ? "." : TrimSlashes(trimmed[..(slash + 1)]);
    }

    public static string TrimSlashes(string path)
    {
        var end = path.Length;
        while (end > 1 && path[end - 1] == '/')
        {
            end--;
        }
        return path[..end];
    }

    public static FileStatus? TryStat(Process process, string path)
    {
        try
        {
            return process.Stat(path);
        }
        catch (ErrnoException)
        {
            return null;
        }
    }

    public static FileStatus? TryLinkStat(Process process, string path)
    {
        try
        {
            return process.LinkStat(path);
        }
        catch (ErrnoException)
        {
            return null;
        }
    }

    public static bool IsDirectory(Process process, string path) => TryStat(process, path)?.Kind == FileKind.Directory;

    public static bool SameFile(FileStatus a, FileStatus b) => a.Device == b.Device && a.Inode == b.Inode;

    /// <summary>The entries of a directory in the order of their names' bytes.</summary>
    public static List<DirectoryEntry> Sorted(Process process, string path)
    {
        var entries = process.ReadDirectory(path).ToList();
        entries.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return entries;
    }

    /// <summary>Looks a program up as execvp(3) does; null when there is none.</summary>
    public static string? FindProgram(Process process, string name, string? path = null)
    {
        if (name.Contains('/', StringComparison.Ordinal))
        {
            return name;
        }
        string? found = null;
        foreach (var directory in (path ?? process.GetEnvironment("PATH") ?? "/bin:/usr/bin").Split(':'))
        {
            var candidate = Join(directory.Length == 0 ? "." : directory, name);
            var status = TryStat(process, candidate);
            if (status is null || status.Kind == FileKind.Directory)
            {
                continue;
            }
            if (process.CanAccess(candidate, execute: true))
            {
                return candidate;
            }
            found ??= candidate;
        }
        return found;
    }
}
