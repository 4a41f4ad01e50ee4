using System.Text;

namespace Warden.Linux.Filesystem;

/// <summary>What is mounted where, as this process sees it (proc_pid_mountinfo(5)).</summary>
internal static class MountTable
{
    private const int TargetField = 4;

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
    public static (string Target, string Source)? Holding(string path)
    {
        (string Target, string Source)? found = null;
        foreach (var line in File.ReadLines("/proc/thread-self/mountinfo"))
        {
            var fields = line.Split(' ');
            var separator = Array.IndexOf(fields, "-");
            if (fields.Length <= TargetField || separator < 0)
            {
                continue;
            }

            // Of two mounts at one place the later one covers the earlier.
            var target = Unescape(fields[TargetField]);
            if ((path == target || path.StartsWith(target.TrimEnd('/') + "/", StringComparison.Ordinal)) && target.Length >= (found?.Target.Length ?? 0))
            {
                found = (target, Unescape(fields[separator + 2]));
            }
        }

        return found;
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
