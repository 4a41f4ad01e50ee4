using System.Net;
using System.Text;

namespace Warden.Linux.Filesystem;

/// <summary>The text of a container's resolv.conf (resolv.conf(5), protocol.md §6).</summary>
internal static class ResolvConf
{
    private const string HostPath = "/etc/resolv.conf";
    private const string Keyword = "nameserver";

    /// <summary>
    /// The configured name servers; without any, a copy of the host's file. Where that names only the host's own loopback, which is
    /// another one in a container, the container asks the host's end of its network.
    /// </summary>
    public static string For(IReadOnlyList<string> servers, IPAddress host) =>
        For(servers, host, File.Exists(HostPath) ? File.ReadAllText(HostPath) : "");

    /// <summary>The same with a given text as the host's.</summary>
    public static string For(IReadOnlyList<string> servers, IPAddress host, string hostText)
    {
        if (servers.Count > 0)
        {
            return string.Concat(servers.Select(server => $"{Keyword} {server}\n"));
        }

        var lines = hostText.Split('\n');
        var named = lines.Select(Server).OfType<IPAddress>().ToArray();
        if (named.Length == 0 || !named.All(IPAddress.IsLoopback))
        {
            return hostText;
        }

        var text = new StringBuilder();
        foreach (var line in lines.Where(line => line.Length > 0 && Server(line) is null))
        {
            text.Append(line).Append('\n');
        }

        return text.Append(Keyword).Append(' ').Append(host).Append('\n').ToString();
    }

    private static IPAddress? Server(string line)
    {
        var words = line.Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
        return words.Length >= 2 && words[0] == Keyword && IPAddress.TryParse(words[1], out var address) ? address : null;
    }
}
