using Warden.ConformanceTests.Support;

namespace Warden.ConformanceTests.Targets;

/// <summary>What the Linux target finds on the machine.</summary>
internal static class LinuxEnvironment
{
    /// <summary>The programs that make a host for a server.</summary>
    private static readonly string[] Programs = ["bash", "unshare", "nsenter", "setpriv", "ip", "mount", "findmnt"];

    /// <summary>A published executable to judge instead of the built one.</summary>
    public static string? Published { get; } = Variable("WARDEN_LINUX_EXE");

    /// <summary>The containers' root filesystem.</summary>
    public static string Rootfs { get; } = Variable("WARDEN_ROOTFS") ?? "/var/cache/warden/rootfs";

    /// <summary>What the depots are on, as the script that makes hosts takes it: btrfs, ext4, xfs, here or any.</summary>
    public static string DepotKind { get; } = Variable("WARDEN_DEPOT") ?? "any";

    /// <summary>The script that makes hosts.</summary>
    public static string HostScript { get; } = Path.Combine(AppContext.BaseDirectory, "Targets", "linux-host");

    /// <summary>The directory of the built executable and its helper.</summary>
    public static string BuiltExecutable { get; } = Path.Combine(AppContext.BaseDirectory, "warden.dll");

    /// <summary>Why no server can be started here, or null.</summary>
    public static string? Missing { get; } = FindMissing();

    /// <summary>Whether WARDEN_TARGETS asks for a target.</summary>
    public static bool IsAskedFor(string target) =>
        (Variable("WARDEN_TARGETS") ?? "").Split(',', ' ').Contains(target, StringComparer.OrdinalIgnoreCase);

    public static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static string? FindMissing()
    {
        if (!IsAskedFor("linux"))
        {
            return "WARDEN_TARGETS does not contain linux";
        }

        if (!OperatingSystem.IsLinux())
        {
            return "the Linux server needs Linux";
        }

        if (!Environment.IsPrivilegedProcess)
        {
            return "the Linux server needs root";
        }

        if (!File.Exists(Published ?? BuiltExecutable))
        {
            return $"there is no executable {Published ?? BuiltExecutable}";
        }

        if (!Directory.Exists(Path.Combine(Rootfs, "bin")))
        {
            return $"there is no root filesystem {Rootfs} (ci/linux makes it; WARDEN_ROOTFS names another)";
        }

        var missing = Programs.Where(program => Requirements.Find(program) is null).ToList();
        return missing.Count > 0 ? $"these programs are not in PATH: {string.Join(", ", missing)}" : null;
    }
}
