using Microsoft.Win32.SafeHandles;
using Warden.Linux.Filesystem.Interop;
using Warden.Spec;
using Warden.Spec.Backend;

namespace Warden.Linux.Filesystem;

/// <summary>
/// What accounts and limits a container's disk. Which one serves a depot is found by trying when it is opened, as mount options and file
/// system names promise what a kernel does not keep.
/// </summary>
internal interface IDiskQuota
{
    /// <summary>What it is, as in "limits hold by …".</summary>
    string Name { get; }

    /// <summary>Whether limits of bytes are enforced.</summary>
    bool LimitsBytes { get; }

    /// <summary>Whether limits of inodes are enforced.</summary>
    bool LimitsInodes { get; }

    /// <summary>Whether the limits hold for the unprivileged user alone, so that root writes beyond them.</summary>
    bool SparesRoot { get; }

    /// <summary>Why bytes are not limited and what mends it, in a sentence; null when they are.</summary>
    string? WhyNot { get; }

    /// <summary>Makes the directory that holds what a container writes.</summary>
    void MakeVolume(SafeFileHandle directory, FileName name, string path);

    /// <summary>Begins with a new container, whose directory is there: it has no limits, and what its user may have of another one does not count.</summary>
    void Take(DiskUser user);

    /// <summary>Sets a container's limits; 0 is none.</summary>
    /// <exception cref="WardenException">They cannot be enforced here.</exception>
    void Limit(DiskUser user, DiskLimits limits);

    /// <summary>What a container takes; null is not accounted.</summary>
    (ulong? Bytes, ulong? Inodes) Measure(DiskUser user);

    /// <summary>
    /// Ends with a container, in which nothing runs any more and whose directory is about to be removed: its user has no limits afterwards. It
    /// may be one of an earlier server, and be asked for again.
    /// </summary>
    void Release(string containerId);
}
