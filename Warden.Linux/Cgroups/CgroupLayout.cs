namespace Warden.Linux.Cgroups;

/// <summary>What this host has of control groups (cgroups(7)).</summary>
/// <param name="Legacy">The mounted hierarchies of version 1 that have controllers.</param>
/// <param name="Unified">The hierarchy of version 2, where it is mounted.</param>
/// <param name="Kernel">The controllers that the kernel names, and whether each is enabled.</param>
internal sealed record CgroupLayout(
    IReadOnlyList<CgroupHierarchy> Legacy, CgroupHierarchy? Unified, IReadOnlyDictionary<string, bool> Kernel)
{
    /// <summary>The controllers of version 1 without which no container is made.</summary>
    public static IReadOnlyList<string> Needed { get; } = ["memory", "cpu", "cpuacct", "devices"];

    /// <summary>The controllers of version 1 that are used where they are.</summary>
    public static IReadOnlyList<string> Optional { get; } = ["freezer", "pids", "cpuset", "blkio"];

    /// <summary>The controllers of version 2 without which no container is made. CPU time is counted without one, and devices are a program's matter.</summary>
    public static IReadOnlyList<string> UnifiedNeeded { get; } = ["memory", "cpu"];

    /// <summary>The controllers of version 2 that are used where they are.</summary>
    public static IReadOnlyList<string> UnifiedOptional { get; } = ["pids", "cpuset", "io"];

    /// <summary>Whether version 2 is all there is.</summary>
    public bool IsUnifiedAlone => Unified is not null && Needed.All(controller => Find(controller) is null);

    /// <summary>The hierarchies that a container gets a group in.</summary>
    public IEnumerable<CgroupHierarchy> Used => Legacy.Where(hierarchy =>
        hierarchy.Writable && hierarchy.Controllers.Any(controller => Needed.Contains(controller) || Optional.Contains(controller)));

    /// <summary>The hierarchy of version 1 that has a controller.</summary>
    public CgroupHierarchy? Find(string controller) => Legacy.FirstOrDefault(hierarchy => hierarchy.Controllers.Contains(controller));

    /// <summary>Why a controller of version 1 cannot be used, and how that is mended; null when it can.</summary>
    public (string Reason, string Mend)? Obstacle(string controller)
    {
        if (Find(controller) is { } hierarchy)
        {
            return hierarchy.Writable
                ? null
                : ($"{hierarchy.MountPoint} is mounted read-only", $"mount -o remount,rw {hierarchy.MountPoint}");
        }

        if (Unified?.Controllers.Contains(controller) == true)
        {
            return ("cgroup v2 has it", "boot with systemd.unified_cgroup_hierarchy=1, which puts all of them there, or a kernel that has it for cgroup v1");
        }

        if (!Kernel.TryGetValue(controller, out var enabled))
        {
            return ("the kernel is built without it", "boot a kernel that has it for cgroup v1, or with cgroup v2 alone");
        }

        return enabled
            ? ("it is not mounted", $"mkdir -p /sys/fs/cgroup/{controller} && mount -t cgroup -o {controller} {controller} /sys/fs/cgroup/{controller}")
            : ("it is switched off", $"boot with cgroup_enable={controller}");
    }

    /// <summary>Why a controller of version 2 cannot be used, and how that is mended; null when it can.</summary>
    public (string Reason, string Mend)? UnifiedObstacle(string controller)
    {
        if (Unified is not { } hierarchy)
        {
            return ("it is not mounted", "mount -t cgroup2 cgroup2 /sys/fs/cgroup");
        }

        if (!hierarchy.Writable)
        {
            return ($"{hierarchy.MountPoint} is mounted read-only", $"mount -o remount,rw {hierarchy.MountPoint}");
        }

        if (hierarchy.Controllers.Contains(controller))
        {
            return null;
        }

        return Kernel.TryGetValue(controller, out var enabled) && !enabled
            ? ("it is switched off", $"boot with cgroup_enable={controller}")
            : ($"{hierarchy.MountPoint}/cgroup.controllers does not name it",
                $"boot a kernel that has it, and where this is a container, hand it on: write +{controller} to cgroup.subtree_control of the group above");
    }
}
