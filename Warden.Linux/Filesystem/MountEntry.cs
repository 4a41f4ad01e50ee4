namespace Warden.Linux.Filesystem;

/// <summary>A line of the table of mounts (proc_pid_mountinfo(5)).</summary>
/// <param name="Id">The mount's number.</param>
/// <param name="Parent">The number of the mount that it is on.</param>
/// <param name="Device">The file system's device, MAJOR:MINOR.</param>
/// <param name="Root">The directory of the file system that it shows.</param>
/// <param name="Target">Where it is.</param>
/// <param name="Options">The options of the mount itself.</param>
/// <param name="Source">What the file system was made of.</param>
internal sealed record MountEntry(string Id, string Parent, string Device, string Root, string Target, IReadOnlyList<string> Options, string Source);
