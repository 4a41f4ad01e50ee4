using System.Globalization;

namespace Warden.Linux.Processes;

/// <summary>A file of a container's run directory that names a process: its id and when it began.</summary>
internal static class ProcessFile
{
    /// <summary>The process that the file names; null when it is gone, or the file is not there or not whole.</summary>
    public static HostProcess? Open(string path)
    {
        string[] fields;
        try
        {
            fields = File.ReadAllText(path).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        }
        catch (IOException)
        {
            return null;
        }

        // Ids up to 1 are nobody's container.
        return fields.Length == 2
            && int.TryParse(fields[0], CultureInfo.InvariantCulture, out var id) && id > 1
            && ulong.TryParse(fields[1], CultureInfo.InvariantCulture, out var startTime)
            ? HostProcess.Open(id, startTime)
            : null;
    }
}
