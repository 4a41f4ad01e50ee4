namespace Warden.Linux.Setup;

/// <summary>This process's mounts, as /proc/self/mountinfo has them (proc(5)).</summary>
internal static class MountTable
{
    /// <summary>The first mount on a directory or beneath it; null when there is none.</summary>
    public static string? FirstBeneath(string path)
    {
        var beneath = path.TrimEnd('/') + "/";
        return File.ReadLines("/proc/self/mountinfo").Select(MountPoint)
            .FirstOrDefault(point => point == path || point.StartsWith(beneath, StringComparison.Ordinal));
    }

    /// <summary>The fifth field, in which space, tab, newline and backslash stand as octal numbers.</summary>
    private static string MountPoint(string line) => line.Split(' ')[4]
        .Replace("\\040", " ", StringComparison.Ordinal)
        .Replace("\\011", "\t", StringComparison.Ordinal)
        .Replace("\\012", "\n", StringComparison.Ordinal)
        .Replace("\\134", "\\", StringComparison.Ordinal);
}
