using Warden.Linux.Cgroups;
using Warden.Linux.Cgroups.Interop;

namespace Warden.Linux.Doctor.Checks;

/// <summary>Control groups.</summary>
internal static class CgroupChecks
{
    private const string Area = "cgroups";
    private const string WithoutPids = "nothing limits how many processes a container has";
    private const string WithoutCpuset = "an operator cannot pin a container to processors";
    private const string WithoutIo = "a container's disk traffic is not accounted apart";
    private const string WithoutSwap = "a limit of memory does not cover swap";

    public static IEnumerable<HostCheck> Make(CgroupOptions options)
    {
        var layout = CgroupLayoutReader.Read(options.ProcPath);
        return layout.IsUnifiedAlone ? MakeUnified(layout, options) : MakeLegacy(layout);
    }

    private static IEnumerable<HostCheck> MakeLegacy(CgroupLayout layout) =>
    [
        new(
            Area, "cgroup v1", Needed: true, "no container is made", "mount the hierarchies of cgroup v1, or cgroup v2 alone on /sys/fs/cgroup",
            () => layout.Legacy.Count > 0 ? Finding.Have($"{layout.Legacy.Count} hierarchies") : Finding.Lack("no hierarchy is mounted")),
        .. CgroupLayout.Needed.Select(name => Controller(layout, name, needed: true, "no container is made")),
        Controller(layout, "freezer", needed: false, "processes that fork while their container is ended are chased instead of held"),
        Controller(layout, "pids", needed: false, WithoutPids),
        Controller(layout, "cpuset", needed: false, WithoutCpuset),
        Controller(layout, "blkio", needed: false, WithoutIo),
        new(
            Area, "swap accounting", Needed: false, WithoutSwap, "boot with swapaccount=1",
            () => layout.Find("memory") is { } memory && File.Exists(Path.Combine(memory.Directory, MemoryGroup.SwapLimitFile))
                ? Finding.Have(MemoryGroup.SwapLimitFile)
                : Finding.Lack($"there is no {MemoryGroup.SwapLimitFile}")),
        new(
            Area, "cgroup v2 to end processes", Needed: false, "what is left in a container is frozen and killed one by one",
            "mkdir -p /sys/fs/cgroup/unified && mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified",
            () => layout.Unified is { Writable: true } unified ? Finding.Have(unified.Directory) : Finding.Lack("it is not mounted, or read-only")),
    ];

    private static IEnumerable<HostCheck> MakeUnified(CgroupLayout layout, CgroupOptions options)
    {
        var unified = layout.Unified!;
        return
        [
            new(
                Area, "cgroup v2", Needed: true, "no container is made", "mount -t cgroup2 cgroup2 /sys/fs/cgroup",
                () => Finding.Have($"containers get groups in {UnifiedPlace.Find(unified, options.ParentName).Parent}")),
            .. CgroupLayout.UnifiedNeeded.Select(name => UnifiedController(layout, name, needed: true, "no container is made")),
            UnifiedController(layout, "pids", needed: false, WithoutPids),
            UnifiedController(layout, "cpuset", needed: false, WithoutCpuset),
            UnifiedController(layout, "io", needed: false, WithoutIo),
            new(
                Area, "devices by a BPF program", Needed: true, "no container is made, as it would have every device of the host",
                "boot a kernel with CONFIG_CGROUP_BPF, and start the server with CAP_SYS_ADMIN and CAP_BPF",
                () =>
                {
                    Bpf.LoadDeviceProgram(DeviceProgram.Compile(DeviceRules.Allowed)).Dispose();
                    return Finding.Have("the kernel takes it");
                }),
            new(
                Area, "swap accounting", Needed: false, WithoutSwap, "boot with swapaccount=1",
                () => UnifiedMemory.AccountsSwap(UnifiedPlace.Find(unified, options.ParentName).Hierarchy)
                    ? Finding.Have("memory.swap.max")
                    : Finding.Lack("there is no memory.swap.max")),
            new(
                Area, "cgroup.kill", Needed: false, "what is left in a container is frozen and killed one by one", "boot Linux 5.14 or newer",
                () => Directory.EnumerateDirectories(unified.MountPoint).Any(group => File.Exists(Path.Combine(group, "cgroup.kill")))
                    ? Finding.Have("processes that fork are ended at once")
                    : Finding.Lack("no group has it")),
        ];
    }

    private static HostCheck UnifiedController(CgroupLayout layout, string name, bool needed, string without) => new(
        Area, $"cgroup v2 controller {name}", needed, without, $"boot with cgroup_enable={name}",
        () => layout.UnifiedObstacle(name) is var (reason, mend) ? Finding.Lack(reason, mend) : Finding.Have(layout.Unified!.MountPoint));

    private static HostCheck Controller(CgroupLayout layout, string name, bool needed, string without) => new(
        Area, $"cgroup v1 controller {name}", needed, without, $"boot with cgroup_enable={name}",
        () => layout.Obstacle(name) is var (reason, mend) ? Finding.Lack(reason, mend) : Finding.Have(layout.Find(name)!.Directory));
}
