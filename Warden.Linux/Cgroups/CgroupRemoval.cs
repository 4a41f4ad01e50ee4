using System.Diagnostics;
using Warden.Linux.Cgroups.Interop;
using Warden.Linux.Interop;
using Warden.Spec;

namespace Warden.Linux.Cgroups;

/// <summary>Ends what runs in a container's groups, and removes them with all groups beneath them.</summary>
internal static class CgroupRemoval
{
    /// <summary>Removes groups that nothing runs in; false when one of them is still in use.</summary>
    public static bool TryRemoveEmpty(IReadOnlyList<CgroupDirectory> groups)
    {
        var removed = true;
        foreach (var group in groups)
        {
            removed &= CgroupFile.TryRemove(group.Path) is 0 or Errno.ENOENT;
        }

        if (removed)
        {
            RemoveStrayParents(groups);
        }

        return removed;
    }

    /// <summary>Ends the processes and removes the groups.</summary>
    /// <exception cref="WardenException">A process withstood, or kept coming back.</exception>
    /// <exception cref="LinuxException">A group could not be removed.</exception>
    public static void Remove(string id, IReadOnlyList<CgroupDirectory> groups, TimeSpan within)
    {
        if (TryRemoveEmpty(groups))
        {
            return;
        }

        var clock = Stopwatch.StartNew();
        var processes = new CgroupProcesses(groups);
        for (var pause = 1; ; pause = Math.Min(pause * 2, 50))
        {
            processes.End(id, within - clock.Elapsed);
            var error = RemoveTrees(groups, out var path);
            if (error == 0)
            {
                RemoveStrayParents(groups);
                return;
            }

            if (error != Errno.EBUSY || clock.Elapsed > within)
            {
                throw new LinuxException("remove the control group", path, error);
            }

            // A process that has just ended may keep its groups for a moment longer than its descriptor tells, and of that moment's end
            // cgroup v1 sends no notice.
            var until = clock.Elapsed + TimeSpan.FromMilliseconds(pause);
            processes.WaitForRelease(TimeSpan.FromMilliseconds(pause));
            Poll.Pause(until - clock.Elapsed);
        }
    }

    private static int RemoveTrees(IReadOnlyList<CgroupDirectory> groups, out string? path)
    {
        var result = 0;
        path = null;
        foreach (var group in groups)
        {
            // The innermost first.
            foreach (var directory in CgroupTree.Beneath(group.Path).AsEnumerable().Reverse())
            {
                var error = CgroupFile.TryRemove(directory);
                if (error is not (0 or Errno.ENOENT) && result == 0)
                {
                    (result, path) = (error, directory);
                }
            }
        }

        return result;
    }

    /// <summary>A parent that an earlier server made in another group than this one's own goes with its last container.</summary>
    private static void RemoveStrayParents(IReadOnlyList<CgroupDirectory> groups)
    {
        foreach (var group in groups)
        {
            var parent = Path.GetDirectoryName(group.Path)!;
            if (group.Hierarchy.ParentOf(Path.GetFileName(parent)) != parent)
            {
                _ = CgroupFile.TryRemove(parent);
            }
        }
    }
}
