using Warden.Linux.Cgroups.Interop;
using Warden.Linux.Interop;
using Warden.Spec;

namespace Warden.Linux.Cgroups;

/// <summary>
/// The group of cgroup v2 beneath which a server makes its own, and how controllers get there. A group that hands controllers on to groups
/// beneath it holds no processes itself, unless it is the root of all (cgroups(7), "no internal processes").
/// </summary>
internal sealed class UnifiedPlace
{
    /// <summary>The group beside the containers' parent that takes the processes that are in their way.</summary>
    public const string ServerGroup = "server";

    private const int Attempts = 10;

    private readonly string _parentName;

    private UnifiedPlace(CgroupHierarchy hierarchy, string parentName)
    {
        Hierarchy = hierarchy;
        _parentName = parentName;
    }

    /// <summary>The hierarchy, with the group that was chosen as its directory and the controllers that this one has to hand on.</summary>
    public CgroupHierarchy Hierarchy { get; }

    /// <summary>The group that holds the containers'.</summary>
    public string Parent => Hierarchy.ParentOf(_parentName);

    /// <summary>
    /// Chooses: the group above this process's own one where a service manager has left it to the service, as beneath a unit with
    /// Delegate=yes and DelegateSubgroup=; else the topmost that is visible, as for who is in a login's scope. It is that as well for a unit
    /// with Delegate=yes alone: the manager starts a unit's process in the unit's own group, which the kernel refuses while a container of
    /// the last start still has controllers from there. What lies further up may be left to others, such as a user's own manager.
    /// </summary>
    public static UnifiedPlace Find(CgroupHierarchy unified, string parentName)
    {
        var above = Path.GetDirectoryName(unified.Directory)!;
        var group = unified.Directory != unified.MountPoint && above != unified.MountPoint && IsLeftToServer(above) ? above : unified.MountPoint;
        return new UnifiedPlace(unified with { Directory = group, Controllers = Words(group, "cgroup.controllers") }, parentName);
    }

    /// <summary>Makes the containers' parent, whose groups get every controller of use. It may be there already.</summary>
    /// <exception cref="WardenException">A controller that containers need cannot be handed on.</exception>
    /// <exception cref="LinuxException">The kernel refused a step.</exception>
    public void Make()
    {
        HandOn(Hierarchy.Directory);
        if (Parent == Hierarchy.Directory)
        {
            return;
        }

        var error = CgroupFile.TryMake(Parent);
        if (error is not (0 or Errno.EEXIST))
        {
            throw new LinuxException("make the control group", Parent, error);
        }

        HandOn(Parent);
    }

    /// <summary>systemd marks the groups that it leaves to others (its document on control group delegation).</summary>
    private static bool IsLeftToServer(string group) =>
        (CgroupAttribute.TryReadNumber(group, "trusted.delegate") == 1 || CgroupAttribute.TryReadNumber(group, "user.delegate") == 1)
        && Processes(group).Length == 0
        && CgroupLayout.UnifiedNeeded.All(Words(group, "cgroup.controllers").Contains);

    private static string[] Words(string group, string file) =>
        CgroupFile.TryReadText(Path.Combine(group, file))?.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static string[] Processes(string group) => Words(group, "cgroup.procs");

    private void HandOn(string group)
    {
        var has = Words(group, "cgroup.controllers");
        var path = Path.Combine(group, "cgroup.subtree_control");
        var on = Words(group, "cgroup.subtree_control");
        foreach (var controller in CgroupLayout.UnifiedNeeded.Except(on))
        {
            var error = has.Contains(controller) ? TryHandOn(group, path, controller) : Errno.ENOENT;
            if (error != 0)
            {
                throw new WardenException(
                    $"the cgroup v2 controller {controller} cannot be used beneath {group}: {Explain(group, controller, error)}");
            }
        }

        foreach (var controller in CgroupLayout.UnifiedOptional.Except(on).Intersect(has))
        {
            // What it does is done without.
            _ = TryHandOn(group, path, controller);
        }
    }

    private static string Explain(string group, string controller, int error) => error switch
    {
        Errno.ENOENT => $"the group has it not; write +{controller} to {Path.GetDirectoryName(group)}/cgroup.subtree_control",
        Errno.EBUSY => "processes are in the group that cannot be moved out of it",
        _ => LinuxException.Describe(error),
    };

    private int TryHandOn(string group, string path, string controller)
    {
        var error = CgroupFile.TryWrite(path, $"+{controller}");

        // The topmost group that a container sees is not the root of all. What is in it, this process included, makes way, and may fork meanwhile.
        for (var attempt = 0; error == Errno.EBUSY && group == Hierarchy.Directory && attempt < Attempts; attempt++)
        {
            MakeWay(group);
            error = CgroupFile.TryWrite(path, $"+{controller}");
        }

        return error;
    }

    private static void MakeWay(string group)
    {
        var leaf = Path.Combine(group, ServerGroup);
        var error = CgroupFile.TryMake(leaf);
        if (error is not (0 or Errno.EEXIST))
        {
            throw new LinuxException("make the control group", leaf, error);
        }

        foreach (var process in Processes(group))
        {
            // One that has ended is as good as moved; what cannot be moved shows in the next write.
            _ = CgroupFile.TryWrite(Path.Combine(leaf, "cgroup.procs"), process);
        }
    }
}
