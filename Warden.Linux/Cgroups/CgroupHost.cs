using Warden.Spec;

namespace Warden.Linux.Cgroups;

/// <summary>Finds the control groups of this host.</summary>
internal static class CgroupHost
{
    /// <summary>What a host with cgroup v2 alone is refused with.</summary>
    internal const string UnifiedAlone =
        "this host has cgroup v2 alone, and containers need the controllers memory, cpu, cpuacct and devices of cgroup v1: "
        + "boot with systemd.unified_cgroup_hierarchy=0, on a kernel that has them";

    /// <summary>Finds them.</summary>
    /// <exception cref="WardenException">What containers need is not there; says what, and the mend.</exception>
    public static ICgroupHost Detect(CgroupOptions? options = null)
    {
        options ??= new CgroupOptions();
        var layout = CgroupLayoutReader.Read(options.ProcPath);
        return FindObstacle(layout) is { } obstacle ? throw new WardenException(obstacle) : new LegacyCgroupHost(layout, options);
    }

    /// <summary>What keeps containers from being made with this layout, in a sentence with the mend; null when nothing does.</summary>
    public static string? FindObstacle(CgroupLayout layout)
    {
        if (layout.IsUnifiedAlone)
        {
            return UnifiedAlone;
        }

        foreach (var controller in CgroupLayout.Needed)
        {
            if (layout.Obstacle(controller) is var (reason, mend))
            {
                return $"the cgroup v1 controller {controller} cannot be used: {reason}; {mend}";
            }
        }

        return null;
    }
}
