using Warden.Emulator.Machine;

namespace Warden.Emulator.FileSystem;

/// <summary>Where a path leads: a directory and a name in it, and the file that has the name, if there is one.</summary>
internal readonly record struct Place(DirectoryInode Directory, string Name, Inode? Node, bool TrailingSlash)
{
    /// <summary>Whether the last component is ., .. or / and so cannot be made, removed or renamed.</summary>
    internal bool IsSelf => Name is "." or ".." or "/";

    /// <summary>The file; ENOENT when there is none.</summary>
    internal Inode Existing => Node ?? throw new ErrnoException(Errno.ENOENT);

    /// <summary>The path from the root.</summary>
    internal string Path => KnownPath ?? (Node is DirectoryInode directory ? directory.Path
        : Directory.Path is "/" ? "/" + Name : Directory.Path + "/" + Name);

    /// <summary>The path of a file that a link of /proc led to.</summary>
    internal string? KnownPath { get; init; }
}

/// <summary>Path resolution (path_resolution(7)): every component is looked up here, on host mounts too. Called with the gate held.</summary>
internal static class PathWalk
{
    private const int MaxLinks = 40;
    private const int MaxName = 255;
    private const int MaxPath = 4096;

    /// <summary>Finds a path's place.</summary>
    /// <param name="process">Whose directory, root and rights count.</param>
    /// <param name="path">The path.</param>
    /// <param name="follow">Whether a symbolic link at the end is followed.</param>
    internal static Place Resolve(Process process, string path, bool follow)
    {
        var links = 0;
        return Resolve(process, process.WorkingDirectory, path, follow, ref links);
    }

    private static Place Resolve(Process process, DirectoryInode start, string path, bool follow, ref int links)
    {
        if (path.Length == 0)
        {
            throw new ErrnoException(Errno.ENOENT);
        }

        if (path.Length >= MaxPath)
        {
            throw new ErrnoException(Errno.ENAMETOOLONG);
        }

        var directory = path[0] == '/' ? process.Container.Root : start;
        var place = new Place(directory.Parent, path[0] == '/' ? "/" : ".", directory, TrailingSlash: false);
        var position = 0;
        while (true)
        {
            while (position < path.Length && path[position] == '/')
            {
                position++;
            }

            if (position == path.Length)
            {
                return place;
            }

            var end = path.IndexOf('/', position);
            var last = end < 0 || path.AsSpan(end).TrimStart('/').IsEmpty;
            var slash = end >= 0;
            var name = path[position..(end < 0 ? path.Length : end)];
            position = end < 0 ? path.Length : end;

            directory = Enter(process, place);
            place = Step(process, directory, name, slash && last);
            if (place.Node is ISymbolicLink link && (!last || follow || slash))
            {
                place = Follow(process, directory, link, follow: true, slash && last, ref links);
            }

            if (last)
            {
                return place is { TrailingSlash: true, Node: not null and not DirectoryInode }
                    ? throw new ErrnoException(Errno.ENOTDIR)
                    : place;
            }
        }
    }

    private static DirectoryInode Enter(Process process, Place place)
    {
        if (place.Existing is not DirectoryInode directory)
        {
            throw new ErrnoException(Errno.ENOTDIR);
        }

        Permissions.Require(process, directory, Permissions.Execute);
        return directory;
    }

    private static Place Step(Process process, DirectoryInode directory, string name, bool trailingSlash)
    {
        if (name == ".")
        {
            return new Place(directory.Parent, name, directory, trailingSlash);
        }

        if (name == "..")
        {
            return new Place(directory.Parent.Parent, name, directory.Parent, trailingSlash);
        }

        if (name.Length > MaxName)
        {
            throw new ErrnoException(Errno.ENAMETOOLONG);
        }

        return new Place(directory, name, directory.Find(process, name), trailingSlash);
    }

    private static Place Follow(
        Process process, DirectoryInode directory, ISymbolicLink link, bool follow, bool trailingSlash, ref int links)
    {
        if (++links > MaxLinks)
        {
            throw new ErrnoException(Errno.ELOOP);
        }

        if (link.Follow(process) is { } node)
        {
            if (node is DirectoryInode own)
            {
                return new Place(own.Parent, ".", own, trailingSlash);
            }

            var target = link.Target;
            return new Place(directory, "", node, trailingSlash) { KnownPath = target.StartsWith('/') ? target : $"{directory.Path}/{target}" };
        }

        var place = Resolve(process, directory, link.Target, follow, ref links);
        return place with { TrailingSlash = trailingSlash || place.TrailingSlash };
    }
}
