namespace Warden.ConformanceTests.Targets;

/// <summary>Processes of a host, which have one number in it and another on the machine.</summary>
internal static class LinuxProcesses
{
    /// <summary>The machine's number of the process that has <paramref name="inner"/> in its host and descends from <paramref name="ancestor"/>.</summary>
    public static int Find(int ancestor, int inner)
    {
        var parents = new Dictionary<int, int>();
        var candidates = new List<(int Id, int Depth)>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), out var id) || Status(directory) is not var (parent, numbers))
            {
                continue;
            }

            parents[id] = parent;
            if (numbers[^1] == inner)
            {
                candidates.Add((id, numbers.Length));
            }
        }

        // A process of a container may have the number too, deeper down.
        return candidates.Where(candidate => Descends(candidate.Id)).MinBy(candidate => candidate.Depth).Id;

        bool Descends(int id)
        {
            for (; parents.TryGetValue(id, out var parent); id = parent)
            {
                if (parent == ancestor)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Parent and numbers, from the machine's own inwards (proc(5), status).</summary>
    private static (int Parent, int[] Numbers)? Status(string directory)
    {
        try
        {
            var fields = File.ReadLines($"{directory}/status").Select(line => line.Split(':', 2)).ToDictionary(words => words[0], words => words[1]);
            return (int.Parse(fields["PPid"]), [.. fields["NSpid"].Split('\t', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)]);
        }
        catch (IOException)
        {
            // It has ended.
            return null;
        }
    }
}
