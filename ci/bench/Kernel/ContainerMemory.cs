using System.Globalization;

namespace Warden.Bench.Kernel;

/// <summary>What a server and its idle containers hold of memory, in bytes.</summary>
/// <param name="Proportional">All of it; a page that several processes share counts once.</param>
/// <param name="Private">What inits and monitors share with nobody.</param>
internal readonly record struct ContainerMemory(long Proportional, long Private)
{
    /// <summary>Reads it: idle containers have no processes but their monitors and inits, which are this namespace's only ones of that name.</summary>
    public static ContainerMemory Read(int server)
    {
        var result = new ContainerMemory(ReadProcess($"{server}").Proportional, 0);
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), out var id) && id != server
                && File.ReadAllText($"/proc/{id}/comm").StartsWith("warden-", StringComparison.Ordinal) && id != Environment.ProcessId)
            {
                var process = ReadProcess($"{id}");
                result = new ContainerMemory(result.Proportional + process.Proportional, result.Private + process.Private);
            }
        }

        return result;
    }

    private static ContainerMemory ReadProcess(string id)
    {
        var (proportional, own) = (0L, 0L);
        foreach (var line in File.ReadLines($"/proc/{id}/smaps_rollup"))
        {
            if (line.StartsWith("Pss:", StringComparison.Ordinal))
            {
                proportional += Bytes(line);
            }
            else if (line.StartsWith("Private_", StringComparison.Ordinal))
            {
                own += Bytes(line);
            }
        }

        return new ContainerMemory(proportional, own);
    }

    private static long Bytes(string line) =>
        1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
}
