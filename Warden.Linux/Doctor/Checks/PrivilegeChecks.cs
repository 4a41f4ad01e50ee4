using System.Globalization;

namespace Warden.Linux.Doctor.Checks;

/// <summary>Root, and what of root's rights this process has (capabilities(7)).</summary>
internal static class PrivilegeChecks
{
    private const string Area = "privileges";
    private const int ResourceCapability = 24;

    private static readonly (int Number, string Name)[] Capabilities =
    [
        (0, "CHOWN"), (1, "DAC_OVERRIDE"), (3, "FOWNER"), (4, "FSETID"), (5, "KILL"), (6, "SETGID"), (7, "SETUID"), (8, "SETPCAP"), (12, "NET_ADMIN"),
        (18, "SYS_CHROOT"), (19, "SYS_PTRACE"), (21, "SYS_ADMIN"), (27, "MKNOD"),
    ];

    public static IEnumerable<HostCheck> Make() =>
    [
        new(Area, "root", Needed: true, "no container is made", "run it as root: sudo warden …", () =>
            Environment.IsPrivilegedProcess ? Finding.Have("this process is root's") : Finding.Lack("this process is not root's")),
        new(Area, "capabilities", Needed: true, "no container is made", "start it with all of them, in Docker with --cap-add ALL", FindCapabilities),
        new(
            Area, "raising limits", Needed: false, "a job gets no resource limit above the server's own hard one", "start it with CAP_SYS_RESOURCE",
            () => Has(ResourceCapability) ? Finding.Have("CAP_SYS_RESOURCE") : Finding.Lack("CAP_SYS_RESOURCE is missing")),
    ];

    private static Finding FindCapabilities()
    {
        var missing = Capabilities.Where(capability => !Has(capability.Number)).Select(capability => $"CAP_{capability.Name}").ToList();
        return missing.Count == 0 ? Finding.Have("all that are used") : Finding.Lack($"missing: {string.Join(", ", missing)}");
    }

    private static bool Has(int capability)
    {
        const string Key = "CapEff:";
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(Key, StringComparison.Ordinal));
        return (ulong.Parse(line.AsSpan(Key.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> capability & 1) == 1;
    }
}
