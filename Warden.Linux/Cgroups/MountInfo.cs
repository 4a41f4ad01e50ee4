using System.Text;

namespace Warden.Linux.Cgroups;

/// <summary>A line of /proc/PID/mountinfo (proc_pid_mountinfo(5)).</summary>
/// <param name="Root">Which directory of the filesystem is mounted.</param>
/// <param name="MountPoint">Where.</param>
/// <param name="Writable">Whether neither mount nor filesystem is read-only.</param>
/// <param name="FileSystemType">Its type.</param>
/// <param name="SuperOptions">The filesystem's options, which name a cgroup hierarchy's controllers.</param>
internal sealed record MountInfo(string Root, string MountPoint, bool Writable, string FileSystemType, IReadOnlyList<string> SuperOptions)
{
    /// <summary>Reads a line; null when it is none.</summary>
    public static MountInfo? Parse(string line)
    {
        var words = line.Split(' ');
        var separator = Array.IndexOf(words, "-", Math.Min(6, words.Length));
        if (separator < 0 || words.Length < separator + 4)
        {
            return null;
        }

        var superOptions = words[separator + 3].Split(',');
        var writable = !words[5].Split(',').Contains("ro") && !superOptions.Contains("ro");
        return new MountInfo(Unescape(words[3]), Unescape(words[4]), writable, words[separator + 1], superOptions);
    }

    /// <summary>The kernel writes blanks and backslashes as three octal digits behind a backslash.</summary>
    private static string Unescape(string text)
    {
        if (!text.Contains('\\'))
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] == '\\' && index + 3 < text.Length && text.AsSpan(index + 1, 3).IndexOfAnyExceptInRange('0', '7') < 0)
            {
                result.Append((char)(((text[index + 1] - '0') << 6) | ((text[index + 2] - '0') << 3) | (text[index + 3] - '0')));
                index += 3;
            }
            else
            {
                result.Append(text[index]);
            }
        }

        return result.ToString();
    }
}
