using System.Diagnostics.CodeAnalysis;

namespace Warden.Linux.Cgroups;

/// <summary>The containers' groups wherever in their hierarchies they are, found by walking them.</summary>
internal sealed class StrayGroups
{
    private static readonly EnumerationOptions Walk = new() { AttributesToSkip = 0, IgnoreInaccessible = true };

    private readonly Dictionary<(string MountPoint, string Id), string> _groups = [];
    private readonly HashSet<string> _parents = [];

    private StrayGroups()
    {
    }

    /// <summary>The containers' ids.</summary>
    public IReadOnlyCollection<string> Ids => [.. _groups.Keys.Select(key => key.Id).Distinct()];

    /// <summary>The groups that hold containers' groups, the inner ones first.</summary>
    public IEnumerable<string> Parents => _parents.OrderByDescending(path => path.Length);

    /// <summary>Looks through the hierarchies.</summary>
    public static StrayGroups Find(IEnumerable<CgroupHierarchy> hierarchies, string parentName)
    {
        var found = new StrayGroups();
        foreach (var hierarchy in hierarchies)
        {
            found.Search(hierarchy, parentName);
        }

        return found;
    }

    /// <summary>Where an id's group is.</summary>
    public bool TryFind(CgroupHierarchy hierarchy, string id, [NotNullWhen(true)] out string? path) =>
        _groups.TryGetValue((hierarchy.MountPoint, id), out path) && Directory.Exists(path);

    private void Search(CgroupHierarchy hierarchy, string parentName)
    {
        var own = hierarchy.ParentOf(parentName);
        var pending = new Stack<string>([hierarchy.MountPoint]);
        while (pending.TryPop(out var directory))
        {
            foreach (var child in Children(directory))
            {
                if (directory != own && Path.GetFileName(directory) != parentName)
                {
                    pending.Push(child);
                }
                else if (IsContainerId(Path.GetFileName(child)))
                {
                    // What is in a container's group is its own matter: a nested server's containers go with it.
                    _groups[(hierarchy.MountPoint, Path.GetFileName(child))] = child;
                    _parents.Add(directory);
                }
                else
                {
                    pending.Push(child);
                }
            }

            if (directory == own || Path.GetFileName(directory) == parentName)
            {
                _parents.Add(directory);
            }
        }
    }

    private static string[] Children(string directory)
    {
        try
        {
            return Directory.GetDirectories(directory, "*", Walk);
        }
        catch (DirectoryNotFoundException)
        {
            // Groups come and go while the tree is walked.
            return [];
        }
    }

    private static bool IsContainerId(string name) => name.Length == 11 && name.All(c => c is (>= '0' and <= '9') or (>= 'a' and <= 'v'));
}
