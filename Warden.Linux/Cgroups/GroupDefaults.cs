using Warden.Linux.Cgroups.Interop;
using Warden.Linux.Interop;

namespace Warden.Linux.Cgroups;

/// <summary>What a new group needs, which is something in cgroup v1 alone, before it takes a process.</summary>
internal static class GroupDefaults
{
    /// <summary>Sets it. A parent is set before its children are made.</summary>
    public static void Apply(CgroupHierarchy hierarchy, string group)
    {
        if (hierarchy.Unified)
        {
            return;
        }

        if (hierarchy.Controllers.Contains("memory"))
        {
            CountChildren(Path.Combine(group, "memory.use_hierarchy"));
        }

        if (hierarchy.Controllers.Contains("cpuset"))
        {
            Fill(group, "cpuset.cpus", "cpuset.effective_cpus");
            Fill(group, "cpuset.mems", "cpuset.effective_mems");
        }
    }

    /// <summary>Bounds the processes of all containers, in the group that holds theirs.</summary>
    public static void LimitTotal(string parent, int limit)
    {
        // The root of the hierarchy has no such file; another server of this host may have written the same.
        var path = Path.Combine(parent, "pids.max");
        if (limit > 0 && CgroupFile.TryReadText(path) is { } present && present.Trim() != $"{limit}")
        {
            CgroupFile.Write(path, $"{limit}");
        }
    }

    /// <summary>Older kernels count the memory of nested groups with their parent's only when told so; newer ones always do.</summary>
    private static void CountChildren(string path)
    {
        if (CgroupFile.TryReadText(path)?.Trim() == "0")
        {
            // EINVAL: the parent decides, because it counts already, or has the final say because it does not.
            var error = CgroupFile.TryWrite(path, "1");
            if (error is not (0 or Errno.EINVAL or Errno.EBUSY))
            {
                throw new LinuxException("write \"1\" to", path, error);
            }
        }
    }

    /// <summary>A new group has no processors and no memory nodes, and takes no process until it has (cpuset(7)).</summary>
    private static void Fill(string group, string file, string effective)
    {
        // The root of the hierarchy has all there is; what lies above it has no such file.
        var path = Path.Combine(group, file);
        if (CgroupFile.TryReadText(path) is not { } present || !string.IsNullOrWhiteSpace(present))
        {
            return;
        }

        // Another create may have made the parent a moment ago and be about to fill it.
        var parent = Path.GetDirectoryName(group)!;
        Fill(parent, file, effective);
        var value = CgroupFile.TryReadText(Path.Combine(parent, effective)) ?? CgroupFile.TryReadText(Path.Combine(parent, file));
        if (!string.IsNullOrWhiteSpace(value))
        {
            CgroupFile.Write(path, value.Trim());
        }
    }
}
