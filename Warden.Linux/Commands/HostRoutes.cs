using System.Net;

namespace Warden.Linux.Commands;

/// <summary>The IPv4 networks that this host has routes to, its own addresses among them.</summary>
internal static class HostRoutes
{
    /// <summary>Reads every routing table of this network namespace.</summary>
    public static IReadOnlyList<IPNetwork> Read() => Parse(File.ReadLines("/proc/net/fib_trie"));

    /// <summary>
    /// Reads the kernel's tree of routes: a leaf <c>|-- ADDRESS</c>, and under it a line <c>/LENGTH SCOPE TYPE</c> a route.
    /// </summary>
    internal static IReadOnlyList<IPNetwork> Parse(IEnumerable<string> lines)
    {
        var networks = new HashSet<IPNetwork>();
        IPAddress? leaf = null;
        foreach (var line in lines)
        {
            var text = line.TrimStart();
            if (text.StartsWith("|-- ", StringComparison.Ordinal))
            {
                _ = IPAddress.TryParse(text[4..], out leaf);
            }
            else if (leaf is not null && text.StartsWith('/') && int.TryParse(text[1..].Split(' ')[0], out var length))
            {
                networks.Add(new IPNetwork(leaf, length));
            }
        }

        return [.. networks];
    }
}
