namespace Warden.Linux.Cgroups;

/// <summary>A mounted hierarchy of control groups as this process sees it.</summary>
/// <param name="MountPoint">Where it is mounted.</param>
/// <param name="Directory">The directory of this process's own group, or the mount point where that group is not visible.</param>
/// <param name="Writable">Whether groups can be made.</param>
/// <param name="Controllers">What it controls, such as <c>cpu</c> and <c>cpuacct</c>; of version 2 those that are bound to it.</param>
internal sealed record CgroupHierarchy(string MountPoint, string Directory, bool Writable, IReadOnlyList<string> Controllers)
{
    /// <summary>Whether it is that of version 2.</summary>
    public bool Unified { get; init; }

    /// <summary>
    /// The group that holds the containers'. A server that runs in a group of that name already, as one that its service manager put there,
    /// makes no second one in it.
    /// </summary>
    public string ParentOf(string parentName) =>
        Directory != MountPoint && Path.GetFileName(Directory) == parentName ? Directory : Path.Combine(Directory, parentName);
}
