namespace Warden.ConformanceTests.Targets;

/// <summary>What is on a host of what a server makes for its containers: one line a thing.</summary>
internal sealed class LinuxHostState
{
    private readonly IReadOnlyList<string> _things;

    // The depot, mounted onto itself, is the server's own and stays until its teardown.
    private LinuxHostState(IReadOnlyList<string> things) => _things = things;

    /// <param name="host">The host.</param>
    /// <param name="server">The machine's number of a server that runs there and is not counted.</param>
    public static async Task<LinuxHostState> ReadAsync(LinuxHost host, int? server = null)
    {
        var links = (await host.RunAsync("ip", "-oneline", "link", "show")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => $"interface {line.Split(": ")[1].Split('@')[0]}");
        var mounts = (await File.ReadAllLinesAsync($"/proc/{host.Id}/mountinfo")).Select(line => line.Split(' ')[4])
            .Where(target => target != host.Depot).Select(target => $"mount {target}");
        var groups = host.Groups.Descendants().Where(path => Path.GetFileName(path) != "warden").Select(path => $"cgroup {path}");
        var processes = host.Processes().Where(process => process.Id != server).Select(process => $"process {process.Name}");
        return new LinuxHostState([.. links, .. mounts, .. groups, .. processes, .. Rules(await RulesAsync(host)), .. Files(host)]);
    }

    /// <summary>What is here and was not there.</summary>
    public IReadOnlyList<string> Since(LinuxHostState earlier)
    {
        var known = earlier._things.ToList();
        return [.. _things.Where(thing => !known.Remove(thing))];
    }

    private static async Task<string> RulesAsync(LinuxHost host)
    {
        try
        {
            return await host.RunAsync("nft", "list", "ruleset");
        }
        catch (InvalidOperationException)
        {
            // Without nft(8) the rules are judged by what they do.
            return "";
        }
    }

    /// <summary>Chains, elements and rules of a container name its id, which begins with a digit; what the server keeps for all names none.</summary>
    private static IEnumerable<string> Rules(string text) =>
        text.Split('\n').Where(line => System.Text.RegularExpressions.Regex.IsMatch(line, "[0-9][0-9a-v]{10}")).Select(line => $"rule {line.Trim()}");

    /// <summary>Of the depot's entries, those that begin with a dot are the server's own: its counters and its lock.</summary>
    private static IEnumerable<string> Files(LinuxHost host)
    {
        var depot = host.PathOf(host.Depot);
        return Directory.Exists(depot)
            ? Directory.EnumerateFileSystemEntries(depot).Select(Path.GetFileName).Where(name => name![0] != '.').Select(name => $"file {host.Depot}/{name}")
            : [];
    }
}
