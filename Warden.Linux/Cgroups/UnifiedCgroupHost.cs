using Microsoft.Win32.SafeHandles;
using Warden.Linux.Cgroups.Interop;
using Warden.Linux.Interop;

namespace Warden.Linux.Cgroups;

/// <summary>Groups of cgroup v2 alone: one for a container, with all controllers.</summary>
internal sealed class UnifiedCgroupHost : ICgroupHost
{
    private readonly CgroupOptions _options;
    private readonly UnifiedPlace _place;
    private readonly Lazy<StrayGroups> _strays;

    // The same for every container, so the kernel checks and translates it once.
    private readonly Lazy<SafeFileHandle> _devices = new(() => Bpf.LoadDeviceProgram(DeviceProgram.Compile(DeviceRules.Allowed)));
    private volatile bool _made;

    public UnifiedCgroupHost(CgroupHierarchy unified, CgroupOptions options)
    {
        _options = options;
        _place = UnifiedPlace.Find(unified, options.ParentName);
        _strays = new Lazy<StrayGroups>(() => StrayGroups.Find([_place.Hierarchy], options.ParentName));
        var used = CgroupLayout.UnifiedNeeded.Concat(CgroupLayout.UnifiedOptional).Where(unified.Controllers.Contains);
        Description = $"cgroup v2 ({string.Join(", ", used)}) in {_place.Parent}";
    }

    /// <inheritdoc/>
    public string Description { get; }

    /// <inheritdoc/>
    public bool AccountsSwap => UnifiedMemory.AccountsSwap(_place.Hierarchy);

    /// <summary>The hierarchy, with the group beneath which the containers' parent is.</summary>
    internal CgroupHierarchy Hierarchy => _place.Hierarchy;

    /// <inheritdoc/>
    public IContainerCgroup Create(string id)
    {
        if (!_made)
        {
            // An earlier server may have left the parent as it was when that one was ended.
            _place.Make();
            _made = true;
        }

        var path = Path.Combine(_place.Parent, id);
        var error = CgroupFile.TryMake(path);

        // Another server's teardown may remove the parent again before there is anything in it.
        for (var attempt = 0; error == Errno.ENOENT && attempt < 3; attempt++)
        {
            _place.Make();
            error = CgroupFile.TryMake(path);
        }

        if (error != 0)
        {
            throw new LinuxException("make the control group", path, error);
        }

        try
        {
            Prepare(path);
            return new UnifiedContainerCgroup(id, new CgroupDirectory(_place.Hierarchy, path), _options);
        }
        catch
        {
            _ = CgroupFile.TryRemove(path);
            throw;
        }
    }

    /// <inheritdoc/>
    public IContainerCgroup? Open(string id) =>
        Find(id) is { } group && UnifiedContainerCgroup.IsWhole(group.Path) ? new UnifiedContainerCgroup(id, group, _options) : null;

    /// <inheritdoc/>
    public void Remove(string id)
    {
        if (Find(id) is { } group)
        {
            CgroupRemoval.Remove(id, [group], _options.EndWithin);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<string> List() => StrayGroups.Find([_place.Hierarchy], _options.ParentName).Ids;

    /// <inheritdoc/>
    public void RemoveParents()
    {
        _made = false;
        foreach (var parent in StrayGroups.Find([_place.Hierarchy], _options.ParentName).Parents)
        {
            // EBUSY: another server's containers are in there, or this is the server's own group.
            var error = CgroupFile.TryRemove(parent);
            if (error is not (0 or Errno.ENOENT or Errno.EBUSY))
            {
                throw new LinuxException("remove", parent, error);
            }
        }
    }

    private void Prepare(string path)
    {
        if (!_options.AllowNestedWarden)
        {
            Bpf.AttachDeviceProgram(path, _devices.Value);
        }

        GroupDefaults.LimitTotal(Path.GetDirectoryName(path)!, _options.TotalProcessLimit);
        var processes = Path.Combine(path, "pids.max");
        if (_options.ProcessLimit > 0 && File.Exists(processes))
        {
            CgroupFile.Write(processes, $"{_options.ProcessLimit}");
        }
    }

    /// <summary>
    /// The group of an id, where it is there. A server that was started in another group than the last one finds the last one's where they are.
    /// </summary>
    private CgroupDirectory? Find(string id)
    {
        var path = Path.Combine(_place.Parent, id);
        return Directory.Exists(path) || _strays.Value.TryFind(_place.Hierarchy, id, out path) ? new CgroupDirectory(_place.Hierarchy, path) : null;
    }
}
