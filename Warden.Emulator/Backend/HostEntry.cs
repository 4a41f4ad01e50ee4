namespace Warden.Emulator.Backend;

/// <summary>Files of the real host as a copy sees them: never through a symbolic link.</summary>
internal static class HostEntry
{
    /// <summary>The entry at a path, a link itself rather than its target; null when there is none.</summary>
    public static FileSystemInfo? Find(string path)
    {
        var file = new FileInfo(path);
        if (file.LinkTarget is not null)
        {
            return file;
        }

        if (file.Exists)
        {
            return file;
        }

        var directory = new DirectoryInfo(path);
        return directory.Exists ? directory : null;
    }

    /// <summary>Whether an entry holds bytes: no device, FIFO or socket.</summary>
    public static bool IsRegular(FileSystemInfo entry) =>
        entry is FileInfo && (entry.Attributes & FileAttributes.Device) == 0
        && (OperatingSystem.IsWindows() || FileSystem.HostOwners.IsRegularFile(entry.FullName));

    /// <summary>An entry's permission bits; the usual ones where the host has none.</summary>
    public static int Mode(FileSystemInfo entry) => OperatingSystem.IsWindows()
        ? entry is DirectoryInfo ? 0x1ED : 0x1A4
        : (int)entry.UnixFileMode;

    /// <summary>Sets the permission bits where the host has them.</summary>
    public static void SetMode(string path, int mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, (UnixFileMode)mode);
        }
    }
}
