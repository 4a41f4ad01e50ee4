namespace Warden.Linux.Cgroups;

/// <summary>Finds the hierarchies from what proc says of this process and its mounts.</summary>
internal static class CgroupLayoutReader
{
    /// <summary>Reads the layout.</summary>
    /// <param name="procPath">Where proc is mounted.</param>
    public static CgroupLayout Read(string procPath)
    {
        var mounts = ReadMounts(Path.Combine(procPath, "self/mountinfo"));
        var legacy = new List<CgroupHierarchy>();
        CgroupHierarchy? unified = null;
        foreach (var line in ReadLines(Path.Combine(procPath, "self/cgroup")))
        {
            // hierarchy-ID:controller-list:cgroup-path; a path may hold colons.
            var parts = line.Split(':', 3);
            if (parts.Length < 3)
            {
                continue;
            }

            if (parts[0] == "0" && parts[1].Length == 0)
            {
                unified = Find(mounts.Where(mount => mount.FileSystemType == "cgroup2"), parts[2], []) is { } found
                    ? found with { Unified = true, Controllers = ReadUnifiedControllers(found.MountPoint) }
                    : null;
                continue;
            }

            var controllers = parts[1].Split(',', StringSplitOptions.RemoveEmptyEntries);
            var candidates = mounts.Where(mount => mount.FileSystemType == "cgroup" && controllers.All(mount.SuperOptions.Contains));
            if (Find(candidates, parts[2], controllers) is { } hierarchy)
            {
                legacy.Add(hierarchy);
            }
        }

        return new CgroupLayout(legacy, unified, ReadKernel(Path.Combine(procPath, "cgroups")));
    }

    /// <summary>
    /// The best of a hierarchy's mounts: writable before read-only, one that shows this process's group before one that does not. What
    /// another mount hides is passed over.
    /// </summary>
    private static CgroupHierarchy? Find(IEnumerable<MountInfo> mounts, string ownPath, IReadOnlyList<string> controllers) => mounts
        .Where(mount => File.Exists(Path.Combine(mount.MountPoint, "cgroup.procs")))
        .OrderByDescending(mount => mount.Writable)
        .ThenByDescending(mount => Locate(mount, ownPath) is not null)
        .Select(mount => new CgroupHierarchy(mount.MountPoint, Locate(mount, ownPath) ?? mount.MountPoint, mount.Writable, controllers))
        .FirstOrDefault();

    /// <summary>
    /// The directory of a group in a mount, which may show the hierarchy from a group other than its root on, as in a container; null when
    /// the group is not in it. In a cgroup namespace both paths are relative to the namespace's root, and what is above it reads "/..".
    /// </summary>
    private static string? Locate(MountInfo mount, string ownPath)
    {
        var root = mount.Root.TrimEnd('/');
        if (ownPath.Contains("/..", StringComparison.Ordinal) || !$"{ownPath.TrimEnd('/')}/".StartsWith($"{root}/", StringComparison.Ordinal))
        {
            return null;
        }

        var beneath = ownPath[Math.Min(root.Length, ownPath.Length)..].Trim('/');
        var directory = beneath.Length == 0 ? mount.MountPoint : Path.Combine(mount.MountPoint, beneath);
        return Directory.Exists(directory) ? directory : null;
    }

    private static List<MountInfo> ReadMounts(string path) =>
        [.. ReadLines(path).Select(MountInfo.Parse).OfType<MountInfo>().Where(mount => mount.FileSystemType is "cgroup" or "cgroup2")];

    private static string[] ReadUnifiedControllers(string mountPoint) =>
        [.. ReadLines(Path.Combine(mountPoint, "cgroup.controllers")).SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))];

    /// <summary>Lines of name, hierarchy, number of groups, enabled; the first is their heading.</summary>
    private static Dictionary<string, bool> ReadKernel(string path)
    {
        var controllers = new Dictionary<string, bool>();
        foreach (var line in ReadLines(path))
        {
            var words = line.Split('\t', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 4 && words[0][0] != '#')
            {
                controllers[words[0]] = words[3] == "1";
            }
        }

        return controllers;
    }

    private static IEnumerable<string> ReadLines(string path) => File.Exists(path) ? File.ReadLines(path) : [];
}
