using Microsoft.Win32.SafeHandles;
using Warden.Linux.Filesystem.Interop;
using Warden.Spec;
using Warden.Spec.Backend;

namespace Warden.Linux.Filesystem;

/// <summary>A depot where nothing limits what a container writes: it says why, and refuses instead of pretending.</summary>
/// <param name="whyNot">Why, and what mends it.</param>
/// <param name="clear">Takes the limits away that a container has from a time when there were some; given the container's id.</param>
internal sealed class NoQuota(string whyNot, Action<string>? clear = null) : IDiskQuota
{
    public string Name => "nothing";

    public bool LimitsBytes => false;

    public bool LimitsInodes => false;

    public bool SparesRoot => true;

    public string? WhyNot => whyNot;

    public void MakeVolume(SafeFileHandle directory, FileName name, string path) =>
        FileAt.Check(FileAt.MakeDirectory(directory, name, 0x1ED), "make the directory", path);

    public void Take(DiskUser user)
    {
    }

    public void Limit(DiskUser user, DiskLimits limits)
    {
        // No limit is what is in force.
        if (limits.BlockHard != 0 || limits.InodeHard != 0)
        {
            throw new WardenException($"Cannot limit the disk: {whyNot}");
        }
    }

    public (ulong? Bytes, ulong? Inodes) Measure(DiskUser user) => (null, null);

    public void Release(string containerId) => clear?.Invoke(containerId);
}
