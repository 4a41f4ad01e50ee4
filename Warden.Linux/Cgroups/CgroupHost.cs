using Warden.Spec;

namespace Warden.Linux.Cgroups;

/// <summary>Finds the control groups of this host.</summary>
internal static class CgroupHost
{
    /// <summary>Finds them.</summary>
    /// <exception cref="WardenException">What containers need is not there; says what, and the mend.</exception>
    public static ICgroupHost Detect(CgroupOptions? options = null)
    {
        options ??= new CgroupOptions();
        var layout = CgroupLayoutReader.Read(options.ProcPath);
        return FindObstacle(layout) is { } obstacle ? throw new WardenException(obstacle) : Make(layout, options);
    }

    /// <summary>Version 1 where its hierarchies have the controllers, which then cannot be in version 2; else version 2.</summary>
    internal static ICgroupHost Make(CgroupLayout layout, CgroupOptions options) =>
        layout is { IsUnifiedAlone: true, Unified: { } unified } ? new UnifiedCgroupHost(unified, options) : new LegacyCgroupHost(layout, options);

    /// <summary>What keeps containers from being made with this layout, in a sentence with the mend; null when nothing does.</summary>
    public static string? FindObstacle(CgroupLayout layout)
    {
        var unified = layout.IsUnifiedAlone;
        foreach (var controller in unified ? CgroupLayout.UnifiedNeeded : CgroupLayout.Needed)
        {
            if ((unified ? layout.UnifiedObstacle(controller) : layout.Obstacle(controller)) is var (reason, mend))
            {
                return $"the cgroup {(unified ? "v2" : "v1")} controller {controller} cannot be used: {reason}; {mend}";
            }
        }

        return null;
    }
}
