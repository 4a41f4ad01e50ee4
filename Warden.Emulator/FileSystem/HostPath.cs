using Warden.Emulator.Machine;

namespace Warden.Emulator.FileSystem;

/// <summary>
/// Paths of the host that a request names. They are the client's own, and so are the links on the way, except those that an earlier copy
/// left there: their targets are a container's words. CopyOut marks each link it makes, and no path leads through one that is marked.
/// </summary>
internal static class HostPath
{
    private const int MostLinks = 40;

    // Where the host keeps no marks (HostOwners.TryMark), the server remembers its links as long as it runs. Guarded by HostMount.Gate.
    private static readonly HashSet<(string, long)> Remembered = [];

    /// <summary>The path without links that a path of the host leads to; it need not exist.</summary>
    /// <param name="path">A relative one begins at the server's directory.</param>
    /// <param name="follow">Whether a link in the last component is followed.</param>
    /// <exception cref="IOException">The path leads through a link that a copy left, or through too many links.</exception>
    internal static string Resolve(string path, bool follow)
    {
        var full = path.StartsWith(Path.DirectorySeparatorChar) ? path : Path.Combine(Environment.CurrentDirectory, path);
        var root = Path.GetPathRoot(full)!;
        var rest = new Stack<string>(Split(full[root.Length..]));
        var (at, links) = (root, 0);
        while (rest.TryPop(out var name))
        {
            if (name == "..")
            {
                at = Path.GetDirectoryName(at) ?? at;
                continue;
            }

            var next = Path.Combine(at, name);
            if ((!follow && rest.Count == 0) || Link(next) is not { } target)
            {
                at = next;
                continue;
            }

            if (++links > MostLinks)
            {
                throw TooManyLinks(path);
            }

            at = Path.IsPathRooted(target) ? Path.GetPathRoot(target)! : at;
            foreach (var component in Split(Path.IsPathRooted(target) ? target[at.Length..] : target))
            {
                rest.Push(component);
            }
        }

        return at;
    }

    /// <summary>The directory without links that a path leads to; null where there is none.</summary>
    internal static string? FindDirectory(string path)
    {
        try
        {
            var found = Resolve(path, follow: true);
            return Directory.Exists(found) ? found : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>
    /// Runs an operation on a path without links. No container changes the host's files meanwhile, so that none puts a link in its way.
    /// </summary>
    /// <exception cref="IOException">A component on the way is a link or no directory by now.</exception>
    internal static T Run<T>(string path, Func<T> operation)
    {
        lock (HostMount.Gate)
        {
            for (var end = Path.GetPathRoot(path)!.Length; path.IndexOf(Path.DirectorySeparatorChar, end) is var next and >= 0; end = next + 1)
            {
                switch (HostMount.Look(path[..next]))
                {
                    case FileKind.Directory:
                        break;
                    case null:
                        throw new DirectoryNotFoundException($"{path[..next]} does not exist");
                    default:
                        throw new IOException($"{path[..next]}: {ErrnoException.Describe(Errno.ENOTDIR)}");
                }
            }

            return operation();
        }
    }

    /// <summary>Makes a link whose target is a container's words; held by the caller: <see cref="HostMount.Gate"/>.</summary>
    internal static void MakeLink(string path, string target)
    {
        File.CreateSymbolicLink(path, target);
        if (!HostOwners.TryMark(path))
        {
            Remembered.Add((path, HostOwners.Find(path)?.Inode ?? 0));
        }
    }

    /// <summary>Whether a link was made by a copy.</summary>
    internal static bool IsLeftByCopy(string path)
    {
        lock (HostMount.Gate)
        {
            return HostMount.Look(path) == FileKind.SymbolicLink
                && (HostOwners.IsMarked(path) || Remembered.Contains((path, HostOwners.Find(path)?.Inode ?? 0)));
        }
    }

    private static string? Link(string path)
    {
        lock (HostMount.Gate)
        {
            return new FileInfo(path).LinkTarget is not { } target ? null : IsLeftByCopy(path) ? throw TooManyLinks(path) : target;
        }
    }

    private static IEnumerable<string> Split(string path) => path.Split(
        [Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries).Where(name => name != ".").Reverse();

    private static IOException TooManyLinks(string path) => new($"{path}: {ErrnoException.Describe(Errno.ELOOP)}");
}
