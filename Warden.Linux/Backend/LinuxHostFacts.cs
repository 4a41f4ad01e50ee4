using System.Globalization;
using Warden.Spec.Backend;

namespace Warden.Linux.Backend;

/// <summary>The host's users and ports, read when asked: both can change between two starts of a server.</summary>
internal sealed class LinuxHostFacts : IHostFacts
{
    // What ip(7) gives when nothing was configured.
    private const int LastEphemeralPort = 60999;

    /// <inheritdoc/>
    public IReadOnlyCollection<uint> UserIds => [.. ReadUserIds()];

    /// <inheritdoc/>
    public int FirstFreePort => ReadLastEphemeralPort() + 1;

    private static IEnumerable<uint> ReadUserIds()
    {
        foreach (var line in File.ReadLines("/etc/passwd"))
        {
            // name:password:uid:… (passwd(5)).
            var fields = line.Split(':');
            if (fields.Length > 2 && uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var uid))
            {
                yield return uid;
            }
        }
    }

    private static int ReadLastEphemeralPort()
    {
        try
        {
            var words = File.ReadAllText("/proc/sys/net/ipv4/ip_local_port_range")
                .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            return int.Parse(words[^1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return LastEphemeralPort;
        }
    }
}
