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

    /// <summary>The machine's number of the process that has <paramref name="inner"/> in a namespace of processes.</summary>
    /// <param name="space">What tells the namespace from others.</param>
    /// <param name="inner">The process's number there.</param>
    public static int FindIn(string? space, int inner)
    {
        var found = from directory in Directory.EnumerateDirectories("/proc")
                    let id = int.TryParse(Path.GetFileName(directory), out var number) ? number : 0
                    where id > 0 && space is not null && NamespaceOf(id) == space && Status(directory) is var (_, numbers) && numbers[^1] == inner
                    select id;
        return found.FirstOrDefault() is > 0 and var process
            ? process
            : throw new InvalidOperationException($"there is no process {inner} in the host's processes {space}");
    }

    /// <summary>The processes that were started with a variable of the environment, from the outermost inwards.</summary>
    public static IReadOnlyList<(int Id, int Parent, int[] Numbers)> StartedWith(string variable)
    {
        var marked = from directory in Directory.EnumerateDirectories("/proc")
                     let id = int.TryParse(Path.GetFileName(directory), out var number) ? number : 0
                     where id > 0 && Variables(directory).Contains(variable)
                     let status = Status(directory)
                     where status is not null
                     orderby status.Value.Numbers.Length, id
                     select (id, status.Value.Parent, status.Value.Numbers);
        return [.. marked];
    }

    /// <summary>What tells a namespace of processes from others, or null where the process has ended (pid_namespaces(7)).</summary>
    /// <param name="id">A process in it.</param>
    /// <param name="proc">The file system of the processes by whose numbers it is named.</param>
    public static string? NamespaceOf(int id, string proc = "/proc")
    {
        try
        {
            return new FileInfo($"{proc}/{id}/ns/pid").LinkTarget;
        }
        catch (IOException)
        {
            return null;
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

    private static string[] Variables(string directory)
    {
        try
        {
            return File.ReadAllText($"{directory}/environ").Split('\0');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended.
            return [];
        }
    }
}
