using System.Globalization;
using System.Runtime.InteropServices;

namespace Warden.ConformanceTests.Targets;

/// <summary>
/// A control group in every hierarchy, beneath a process's own: a server in it puts its containers' groups there too. With cgroup v2 alone it is
/// beneath the topmost one, as a group with processes has no controllers to hand on, and it is marked as one that is left to a server.
/// </summary>
internal sealed partial class LinuxCgroups
{
    private static readonly string[] UnifiedControllers = ["cpu", "memory", "pids", "cpuset", "io"];

    private LinuxCgroups(IReadOnlyList<string> paths) => Paths = paths;

    /// <summary>The group's directory in each hierarchy.</summary>
    public IReadOnlyList<string> Paths { get; }

    /// <summary>A group beneath the one that a process runs in.</summary>
    public static LinuxCgroups Create(string name, int processId)
    {
        var mounts = File.ReadLines("/proc/self/mountinfo").Select(Mount).OfType<(string Root, string Point, string[] Options)>().ToList();
        var own = from line in File.ReadLines($"/proc/{processId}/cgroup")
                  let words = line.Split(':', 3)
                  from mount in mounts
                  where words[1].Length == 0 ? mount.Options.Length == 0 : words[1].Split(',').All(mount.Options.Contains)
                  let isUnifiedAlone = mounts.TrueForAll(other => other.Options.Length == 0)
                  select isUnifiedAlone ? mount.Point : mount.Point + Beneath(words[2], mount.Root);
        return new LinuxCgroups([.. own.Distinct().Select(path => Make(path, name))]);
    }

    /// <summary>A group beneath this one.</summary>
    public LinuxCgroups CreateChild(string name) => new([.. Paths.Select(path => Make(path, name))]);

    /// <summary>The groups beneath this one that are there now.</summary>
    public IEnumerable<string> Descendants() => Paths.Where(Directory.Exists)
        .SelectMany(path => Directory.EnumerateDirectories(path, "*", SearchOption.AllDirectories));

    /// <summary>Removes this group and all beneath it that no process is in.</summary>
    public void Remove()
    {
        foreach (var path in Descendants().Concat(Paths).OrderByDescending(path => path.Length))
        {
            try
            {
                Directory.Delete(path);
            }
            catch (IOException)
            {
                // The end of the run comes back to it.
            }
            catch (UnauthorizedAccessException)
            {
                // As above: EBUSY and EPERM are told apart by nobody.
            }
        }
    }

    private static string Make(string parent, string name)
    {
        var path = Path.Combine(parent, name);
        HandOn(parent);
        Directory.CreateDirectory(path);
        MarkAsDelegated(path);
        foreach (var file in (string[])["cpuset.cpus", "cpuset.mems"])
        {
            // A new v1 cpuset is empty and takes no process until it is filled.
            if (File.Exists(Path.Combine(path, file)) && File.ReadAllText(Path.Combine(path, file)).Trim().Length == 0
                && File.Exists(Path.Combine(path, "tasks")))
            {
                File.WriteAllText(Path.Combine(path, file), File.ReadAllText(Path.Combine(parent, file)));
            }
        }

        return path;
    }

    /// <summary>Gives the groups beneath one of version 2 the controllers that it has; of a hybrid host that is none of those.</summary>
    private static void HandOn(string group)
    {
        if (File.Exists(Path.Combine(group, "cgroup.subtree_control")))
        {
            var has = File.ReadAllText(Path.Combine(group, "cgroup.controllers")).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
            foreach (var controller in UnifiedControllers.Intersect(has))
            {
                File.WriteAllText(Path.Combine(group, "cgroup.subtree_control"), $"+{controller}");
            }
        }
    }

    /// <summary>As systemd marks the group of a unit with Delegate=yes.</summary>
    private static void MarkAsDelegated(string group)
    {
        if (File.Exists(Path.Combine(group, "cgroup.subtree_control")) && SetAttribute(group, "trusted.delegate", "1"u8, 1, 0) != 0)
        {
            throw new InvalidOperationException($"{group} cannot be marked: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "setxattr", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int SetAttribute(string path, string name, ReadOnlySpan<byte> value, nuint size, int flags);

    /// <summary>Mount point, root and hierarchy of a line of mountinfo (proc(5)); a v2 hierarchy has no options.</summary>
    private static (string Root, string Point, string[] Options)? Mount(string line)
    {
        var words = line.Split(' ');
        var type = Array.IndexOf(words, "-") + 1;
        return words[type] switch
        {
            "cgroup" => (words[3], words[4], words[type + 2].Split(',')),
            "cgroup2" => (words[3], words[4], []),
            _ => null,
        };
    }

    private static string Beneath(string path, string root) => string.Create(
        CultureInfo.InvariantCulture, $"/{Path.GetRelativePath(root, path)}").TrimEnd('.').TrimEnd('/');
}
