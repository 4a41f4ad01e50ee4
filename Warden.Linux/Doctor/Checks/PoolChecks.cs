using Warden.Linux.Backend;
using Warden.Spec.Backend;
using Warden.Spec.Server.Configuration;

namespace Warden.Linux.Doctor.Checks;

/// <summary>The pools of uids and ports, beside what the host uses itself (protocol.md §3).</summary>
internal static class PoolChecks
{
    private const string Area = "pools";
    private const int LastPort = 65535;
    private const int LastDefaultPort = 65000;
    private const int LeastPorts = 1000;

    public static IEnumerable<HostCheck> Make(WardenConfiguration configuration, IHostFacts facts) =>
    [
        new(Area, "uids", Needed: true, "no container is made", "set user.pool_start_uid", () => FindUids(configuration.User, facts)),
        new(
            Area, "inotify", Needed: false, "a container's root can take all that the host's root has to watch files with", "raise the bounds with sysctl(8)", FindInotify),
        new(Area, "ports", Needed: true, "NetIn has no ports to give", "set port.pool_start_port and port.pool_size", () => FindPorts(configuration.Port, facts)),
    ];

    private static Finding FindInotify() =>
        InotifyLimits.OfHost().Low() is { Count: > 0 } low
            ? Finding.Lack("the bounds of instances and watches are low; a server on a host of its own raises them when it starts", $"sysctl -w {string.Join(' ', low)}")
            : Finding.Have($"at least {string.Join(", ", InotifyLimits.Wanted.Select(bound => $"{bound.Least} {bound.Name["max_user_".Length..]}"))}");

    private static Finding FindUids(UserSection user, IHostFacts facts)
    {
        var last = (long)user.StartUid + user.Size - 1;
        var overlapping = facts.UserIds.Where(uid => uid >= user.StartUid && uid <= last).Select(uid => $"{uid}").ToList();
        return overlapping.Count == 0
            ? Finding.Have($"{user.StartUid} to {last}")
            : Finding.Lack($"of the uids {user.StartUid} to {last}, /etc/passwd has {string.Join(", ", overlapping)}");
    }

    private static Finding FindPorts(PortSection port, IHostFacts facts)
    {
        var first = port.StartPort ?? facts.FirstFreePort;
        var last = port.Size is { } size ? first + size - 1 : LastDefaultPort;
        return first < 1 || last > LastPort
            ? Finding.Lack($"{first} to {last} are no ports")
            : last - first + 1 < LeastPorts
                ? Finding.Lack($"{first} to {last} are fewer than {LeastPorts}")
                : Finding.Have($"{first} to {last}");
    }
}
