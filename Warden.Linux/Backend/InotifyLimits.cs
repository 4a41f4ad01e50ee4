using System.Globalization;

namespace Warden.Linux.Backend;

/// <summary>
/// The bounds of inotify(7). Without a user namespace the kernel counts what a container's root watches as the host's root's, and the usual bound
/// of 128 instances is that of a desktop: a container could take them all.
/// </summary>
/// <param name="directory">Where the bounds are: /proc/sys/fs/inotify.</param>
/// <param name="isHost">Whether this is a host of its own, and no container whose host has the say.</param>
internal sealed class InotifyLimits(string directory, bool isHost)
{
    /// <summary>The bounds that containers want, by their names.</summary>
    public static readonly IReadOnlyList<(string Name, long Least)> Wanted = [("max_user_instances", 8192), ("max_user_watches", 1048576)];

    // The kernel's number of the first namespace of processes (PROC_PID_INIT_INO).
    private const string FirstProcesses = "pid:[4026531836]";

    /// <summary>Those of this machine.</summary>
    public static InotifyLimits OfHost() =>
        new("/proc/sys/fs/inotify", new FileInfo("/proc/self/ns/pid").LinkTarget == FirstProcesses);

    /// <summary>Raises those that are lower; those that are higher stay. Where the kernel refuses, they stay too: <c>doctor</c> tells.</summary>
    public void Raise()
    {
        if (!isHost)
        {
            return;
        }

        foreach (var (name, least) in Wanted)
        {
            try
            {
                if (Read(name) < least)
                {
                    File.WriteAllText(Path.Combine(directory, name), $"{least}\n");
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A read-only /proc/sys, or a kernel without inotify.
            }
        }
    }

    /// <summary>The bounds that are lower than wanted, as sysctl(8) takes what raises them.</summary>
    public IReadOnlyList<string> Low() =>
        [.. Wanted.Where(bound => Read(bound.Name) < bound.Least).Select(bound => $"fs.inotify.{bound.Name}={bound.Least}")];

    private long? Read(string name)
    {
        try
        {
            return long.Parse(File.ReadAllText(Path.Combine(directory, name)), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
