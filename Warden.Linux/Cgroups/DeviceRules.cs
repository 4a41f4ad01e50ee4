using Warden.Linux.Cgroups.Interop;

namespace Warden.Linux.Cgroups;

/// <summary>The devices that a container may use, its root included.</summary>
internal static class DeviceRules
{
    /// <summary>
    /// What is allowed; all else is not. A node may be made anywhere in a container, so a device stands here only when whoever opens it gets what is
    /// the opener's own, or nobody's. 5:1 does not: it is the machine's console, whoever opens it. A container's /dev/console is a terminal (136).
    /// </summary>
    public static IReadOnlyList<DeviceRule> Allowed { get; } =
    [
        // Nodes of any device may be made, as package installation does; opening one of them is another matter.
        new('c', null, null, DeviceAccess.Make),
        new('b', null, null, DeviceAccess.Make),
        new('c', 1, 3, DeviceAccess.All), // null
        new('c', 1, 5, DeviceAccess.All), // zero
        new('c', 1, 7, DeviceAccess.All), // full
        new('c', 1, 8, DeviceAccess.All), // random
        new('c', 1, 9, DeviceAccess.All), // urandom
        new('c', 5, 0, DeviceAccess.All), // tty: the terminal of the opener's session
        new('c', 5, 2, DeviceAccess.All), // ptmx: a new terminal of the devpts beside the node, and without one an error
        new('c', 136, null, DeviceAccess.All), // pts/*: of the devpts that the node is in, and elsewhere an error
        new('c', 10, 229, DeviceAccess.All), // fuse: a connection that nothing is mounted with yet
    ];

    /// <summary>Sets the devices of a new group of cgroup v1 (Documentation/admin-guide/cgroup-v1/devices.rst).</summary>
    /// <param name="group">The group's directory.</param>
    /// <param name="all">Every device that the parent group has: what a nested server needs for loop devices and more.</param>
    public static void Apply(string group, bool all)
    {
        if (all)
        {
            // A group starts with its parent's devices.
            return;
        }

        CgroupFile.Write(Path.Combine(group, "devices.deny"), "a");
        var allow = Path.Combine(group, "devices.allow");
        foreach (var rule in Allowed)
        {
            CgroupFile.Write(allow, rule.ToString());
        }
    }
}

/// <summary>What is done with a device; the numbers are the kernel's (BPF_DEVCG_ACC_* of linux/bpf.h).</summary>
[Flags]
internal enum DeviceAccess
{
    /// <summary>A node of it is made.</summary>
    Make = 1,

    /// <summary>It is read.</summary>
    Read = 2,

    /// <summary>It is written.</summary>
    Write = 4,

    /// <summary>All of these.</summary>
    All = Make | Read | Write,
}

/// <summary>Devices that may be used.</summary>
/// <param name="Type">'c' for those of characters, 'b' for those of blocks.</param>
/// <param name="Major">Their major number; null for every one.</param>
/// <param name="Minor">Their minor number; null for every one.</param>
/// <param name="Access">What may be done with them.</param>
internal readonly record struct DeviceRule(char Type, int? Major, int? Minor, DeviceAccess Access)
{
    /// <summary>The rule as devices.allow takes it.</summary>
    public override string ToString() => $"{Type} {Number(Major)}:{Number(Minor)} {Letters()}";

    private static string Number(int? number) => number?.ToString() ?? "*";

    private string Letters() =>
        (Access.HasFlag(DeviceAccess.Read) ? "r" : "") + (Access.HasFlag(DeviceAccess.Write) ? "w" : "") + (Access.HasFlag(DeviceAccess.Make) ? "m" : "");
}
