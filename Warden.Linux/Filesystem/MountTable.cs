using System.Text;
using Warden.Linux.Filesystem.Interop;

namespace Warden.Linux.Filesystem;

/// <summary>What is mounted where, as this process sees it (proc_pid_mountinfo(5)).</summary>
internal static class MountTable
{
    private const int TargetField = 4;
    private const int OptionsField = 5;

    /// <summary>The source of what is mounted at a path, the uppermost; null when nothing is.</summary>
    public static string? SourceOf(string path)
    {
        string? source = null;
        foreach (var line in File.ReadLines("/proc/thread-self/mountinfo"))
        {
            var fields = line.Split(' ');
            if (fields.Length > TargetField && Unescape(fields[TargetField]) == path)
            {
                // Optional fields end with a hyphen; type, source and options follow.
                source = Unescape(fields[Array.IndexOf(fields, "-") + 2]);
            }
        }

        return source;
    }

    /// <summary>Where the file system is mounted that a path is in, and what is mounted there; null when the table tells of none.</summary>
    /// <remarks>A mount of a directory onto itself is passed over: the file system is the one beneath.</remarks>
    public static (string Target, string Source)? Holding(string path)
    {
        (string Target, string Source)? found = null;
        var mounts = Read();
        foreach (var mount in mounts.Where(mount => !DepotShield.IsOnto(mounts, mount)))
        {
            // Of two mounts at one place the later one covers the earlier.
            var target = mount.Target;
            if ((path == target || path.StartsWith(target.TrimEnd('/') + "/", StringComparison.Ordinal)) && target.Length >= (found?.Target.Length ?? 0))
            {
                found = (target, mount.Source);
            }
        }

        return found;
    }

    /// <summary>The whole table.</summary>
    public static IReadOnlyList<MountEntry> Read()
    {
        var mounts = new List<MountEntry>();
        foreach (var line in File.ReadLines("/proc/thread-self/mountinfo"))
        {
            var fields = line.Split(' ');
            var separator = Array.IndexOf(fields, "-");
            if (separator > OptionsField && separator + 2 < fields.Length)
            {
                mounts.Add(new MountEntry(
                    fields[0], fields[1], fields[2], Unescape(fields[3]), Unescape(fields[TargetField]), fields[OptionsField].Split(','),
                    Unescape(fields[separator + 2])));
            }
        }

        return mounts;
    }

    /// <summary>The uppermost mount at a path; null when nothing is mounted on it.</summary>
    public static MountEntry? Uppermost(IReadOnlyList<MountEntry> mounts, string path) =>
        mounts.LastOrDefault(mount => mount.Target == path && !mounts.Any(other => other.Parent == mount.Id && other.Target == path && other.Id != mount.Id));

    /// <summary>A path as the kernel reports it, without links.</summary>
    public static string Canonical(string path)
    {
        var errno = FileAt.OpenHost(path, OpenFlag.Path, out var entry);
        using (entry)
        {
            return errno == 0 ? new FileInfo($"/proc/self/fd/{entry.DangerousGetHandle()}").LinkTarget! : path;
        }
    }

    /// <summary>The first mount at a directory or beneath it; null when there is none.</summary>
    public static string? FirstWithin(string path)
    {
        var beneath = path.TrimEnd('/') + "/";
        return File.ReadLines("/proc/thread-self/mountinfo").Select(line => Unescape(line.Split(' ')[TargetField]))
            .FirstOrDefault(target => target == path || target.StartsWith(beneath, StringComparison.Ordinal));
    }

    // Space, tab, newline and backslash are written as three octal digits.
    private static string Unescape(string field)
    {
        if (!field.Contains('\\', StringComparison.Ordinal))
        {
            return field;
        }

        var text = new StringBuilder(field.Length);
        for (var index = 0; index < field.Length; index++)
        {
            if (field[index] == '\\' && index + 3 < field.Length)
            {
                text.Append((char)Convert.ToInt32(field.Substring(index + 1, 3), 8));
                index += 3;
            }
            else
            {
                text.Append(field[index]);
            }
        }

        return text.ToString();
    }
}
