using Warden.Linux.Cgroups.Interop;
using Warden.Linux.Interop;

namespace Warden.Linux.Cgroups;

/// <summary>Groups in the hierarchies of cgroup v1, and one in that of v2 where it is mounted too: there processes are ended for sure.</summary>
internal sealed class LegacyCgroupHost : ICgroupHost
{
    private readonly CgroupOptions _options;
    private readonly List<CgroupHierarchy> _hierarchies;
    private readonly CgroupHierarchy? _unified;
    private readonly Lazy<StrayGroups> _strays;

    public LegacyCgroupHost(CgroupLayout layout, CgroupOptions options)
    {
        _options = options;
        _hierarchies = [.. layout.Used];
        _unified = layout.Unified is { Writable: true } unified ? unified : null;
        _strays = new Lazy<StrayGroups>(() => StrayGroups.Find(All, options.ParentName));
        AccountsSwap = layout.Find("memory") is { } memory && File.Exists(Path.Combine(memory.Directory, MemoryGroup.SwapLimitFile));
        var controllers = string.Join(", ", _hierarchies.SelectMany(hierarchy => hierarchy.Controllers));
        Description = $"cgroup v1 ({controllers}){(_unified is null ? "" : ", v2 to end processes")}";
    }

    /// <inheritdoc/>
    public string Description { get; }

    /// <inheritdoc/>
    public bool AccountsSwap { get; }

    private IEnumerable<CgroupHierarchy> All => _unified is null ? _hierarchies : _hierarchies.Append(_unified);

    /// <inheritdoc/>
    public IContainerCgroup Create(string id)
    {
        var groups = new List<CgroupDirectory>();
        try
        {
            foreach (var hierarchy in All)
            {
                groups.Add(Make(hierarchy, id));
            }

            return new LegacyContainerCgroup(id, groups, _options);
        }
        catch
        {
            foreach (var group in groups)
            {
                _ = CgroupFile.TryRemove(group.Path);
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public IContainerCgroup? Open(string id)
    {
        var groups = Find(id);
        return CgroupLayout.Needed.All(controller => groups.Exists(group => group.Hierarchy.Controllers.Contains(controller)))
            ? new LegacyContainerCgroup(id, groups, _options)
            : null;
    }

    /// <inheritdoc/>
    public void Remove(string id)
    {
        var groups = Find(id);
        if (groups.Count != 0)
        {
            CgroupRemoval.Remove(id, groups, _options.EndWithin);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<string> List() => StrayGroups.Find(All, _options.ParentName).Ids;

    /// <inheritdoc/>
    public void RemoveParents()
    {
        // EBUSY: another server's containers are in there.
        foreach (var parent in StrayGroups.Find(All, _options.ParentName).Parents)
        {
            var error = CgroupFile.TryRemove(parent);
            if (error is not (0 or Errno.ENOENT or Errno.EBUSY))
            {
                throw new LinuxException("remove", parent, error);
            }
        }
    }

    /// <summary>
    /// The groups of an id that are there. A server that was started in another group than the last one, as from another login, finds the
    /// last one's where they are.
    /// </summary>
    private List<CgroupDirectory> Find(string id)
    {
        var groups = new List<CgroupDirectory>();
        foreach (var hierarchy in All)
        {
            var path = Path.Combine(hierarchy.ParentOf(_options.ParentName), id);
            if (Directory.Exists(path) || _strays.Value.TryFind(hierarchy, id, out path))
            {
                groups.Add(new CgroupDirectory(hierarchy, path));
            }
        }

        return groups;
    }

    private static void MakeParent(CgroupHierarchy hierarchy, string parent)
    {
        var error = CgroupFile.TryMake(parent);
        if (error is not (0 or Errno.EEXIST))
        {
            throw new LinuxException("make the control group", parent, error);
        }

        GroupDefaults.Apply(hierarchy, parent);
    }

    private CgroupDirectory Make(CgroupHierarchy hierarchy, string id)
    {
        var parent = hierarchy.ParentOf(_options.ParentName);
        var path = Path.Combine(parent, id);
        var error = CgroupFile.TryMake(path);

        // The first container makes the parent. Another server's teardown may remove it again before there is anything in it.
        for (var attempt = 0; error == Errno.ENOENT && attempt < 3; attempt++)
        {
            MakeParent(hierarchy, parent);
            error = CgroupFile.TryMake(path);
        }

        if (error != 0)
        {
            throw new LinuxException("make the control group", path, error);
        }

        try
        {
            GroupDefaults.Apply(hierarchy, path);
            if (!hierarchy.Unified && hierarchy.Controllers.Contains("devices"))
            {
                DeviceRules.Apply(path, _options.AllowNestedWarden);
            }

            if (!hierarchy.Unified && hierarchy.Controllers.Contains("pids"))
            {
                GroupDefaults.LimitTotal(parent, _options.TotalProcessLimit);
            }

            if (_options.ProcessLimit > 0 && !hierarchy.Unified && hierarchy.Controllers.Contains("pids"))
            {
                CgroupFile.Write(Path.Combine(path, "pids.max"), $"{_options.ProcessLimit}");
            }
        }
        catch
        {
            _ = CgroupFile.TryRemove(path);
            throw;
        }

        return new CgroupDirectory(hierarchy, path);
    }
}

/// <summary>One container's group in one hierarchy.</summary>
/// <param name="Hierarchy">The hierarchy.</param>
/// <param name="Path">The group's directory.</param>
internal readonly record struct CgroupDirectory(CgroupHierarchy Hierarchy, string Path);
