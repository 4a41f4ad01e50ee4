using Warden.Linux.Doctor.Checks;
using Warden.Spec.Server.Configuration;

namespace Warden.Linux.Doctor;

/// <summary>Looks at the host: what it has of what containers need, found by trying wherever that leaves no trace.</summary>
internal static class HostInspection
{
    /// <summary>Looks at everything.</summary>
    public static HostReport Run(WardenConfiguration configuration, InspectionOptions options) =>
        Run(MakeChecks(configuration, options));

    /// <summary>
    /// The first thing that keeps a server from starting, with its mend, in one sentence; null when nothing does. It looks at what is needed
    /// alone, and no further than that thing.
    /// </summary>
    public static string? FindObstacle(WardenConfiguration configuration, InspectionOptions options)
    {
        var needed = MakeChecks(configuration, options).Where(check => check.Needed).ToList();
        var direct = needed.Where(check => !check.InSandbox).ToList();

        // What is wrong without a sandbox, as with the privilege to make one, comes first.
        foreach (var check in direct)
        {
            if (check.Run() is { IsObstacle: true } feature)
            {
                return new HostReport([feature]).Obstacle;
            }
        }

        return Run([.. needed.Except(direct)]).Obstacle;
    }

    /// <summary>Runs the checks, those that need it in a sandbox, all in one.</summary>
    internal static HostReport Run(IReadOnlyList<HostCheck> checks)
    {
        var sandboxed = new Queue<Feature>(Sandbox.Run([.. checks.Where(check => check.InSandbox)]));
        return new HostReport([.. checks.Select(check => check.InSandbox ? sandboxed.Dequeue() : check.Run())]);
    }

    private static List<HostCheck> MakeChecks(WardenConfiguration configuration, InspectionOptions options) =>
    [
        .. PrivilegeChecks.Make(),
        .. KernelChecks.Make(configuration),
        .. CgroupChecks.Make(options.Cgroups),
        .. NetworkChecks.Make(configuration),
        .. PathChecks.Make(configuration, options),
        .. PoolChecks.Make(configuration, options.Facts),
    ];
}
