using Warden.Linux.Cgroups.Interop;

namespace Warden.Linux.Cgroups;

/// <summary>The devices that a container may use, its root included (Documentation/admin-guide/cgroup-v1/devices.rst).</summary>
internal static class DeviceRules
{
    // Nodes of any device may be made, as package installation does; opening one of them is another matter.
    private static readonly string[] Allowed =
    [
        "c *:* m",
        "b *:* m",
        "c 1:3 rwm", // null
        "c 1:5 rwm", // zero
        "c 1:7 rwm", // full
        "c 1:8 rwm", // random
        "c 1:9 rwm", // urandom
        "c 5:0 rwm", // tty
        "c 5:1 rwm", // console
        "c 5:2 rwm", // ptmx
        "c 136:* rwm", // pts/*
        "c 10:229 rwm", // fuse
    ];

    /// <summary>Sets a new group's devices.</summary>
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
            CgroupFile.Write(allow, rule);
        }
    }
}
