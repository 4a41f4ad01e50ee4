using Warden.Linux.Cgroups;

namespace Warden.Linux.Doctor.Checks;

/// <summary>Control groups.</summary>
internal static class CgroupChecks
{
    private const string Area = "cgroups";

    public static IEnumerable<HostCheck> Make(CgroupOptions options)
    {
        var layout = CgroupLayoutReader.Read(options.ProcPath);
        return
        [
            new(
                Area, "cgroup v1", Needed: true, "no container is made", "boot with systemd.unified_cgroup_hierarchy=0, on a kernel that has cgroup v1",
                () => layout.IsUnifiedAlone
                    ? Finding.Lack("this host has cgroup v2 alone, whose controllers are not used yet")
                    : Finding.Have($"{layout.Legacy.Count} hierarchies")),
            .. CgroupLayout.Needed.Select(name => Controller(layout, name, needed: true, "no container is made")),
            Controller(layout, "freezer", needed: false, "processes that fork while their container is ended are chased instead of held"),
            Controller(layout, "pids", needed: false, "nothing limits how many processes a container has"),
            Controller(layout, "cpuset", needed: false, "an operator cannot pin a container to processors"),
            Controller(layout, "blkio", needed: false, "a container's disk traffic is not accounted apart"),
            new(
                Area, "swap accounting", Needed: false, "a limit of memory does not cover swap", "boot with swapaccount=1",
                () => layout.Find("memory") is { } memory && File.Exists(Path.Combine(memory.Directory, MemoryGroup.SwapLimitFile))
                    ? Finding.Have(MemoryGroup.SwapLimitFile)
                    : Finding.Lack($"there is no {MemoryGroup.SwapLimitFile}")),
            new(
                Area, "cgroup v2 to end processes", Needed: false, "what is left in a container is frozen and killed one by one",
                "mkdir -p /sys/fs/cgroup/unified && mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified",
                () => layout.Unified is { Writable: true } unified ? Finding.Have(unified.Directory) : Finding.Lack("it is not mounted, or read-only")),
        ];
    }

    private static HostCheck Controller(CgroupLayout layout, string name, bool needed, string without) => new(
        Area, $"cgroup v1 controller {name}", needed, without, $"boot with cgroup_enable={name}",
        () => layout.Obstacle(name) is var (reason, mend) ? Finding.Lack(reason, mend) : Finding.Have(layout.Find(name)!.Directory));
}
