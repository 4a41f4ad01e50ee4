using Warden.Spec;
using Warden.Spec.Server.Configuration;

namespace Warden.Linux.Commands;

/// <summary>The configuration of a host for which none was written.</summary>
internal static class LinuxDefaults
{
    /// <summary>The executable's name.</summary>
    public const string Program = "warden";

    /// <summary>What the server of 2016 called the containers of this kind.</summary>
    public const string ContainerClass = "Warden::Container::Linux";

    /// <summary>Where the root filesystem and the depot are.</summary>
    private const string StateDirectory = "/var/lib/warden";

    /// <summary>The defaults of the protocol, and of this executable where the protocol has none.</summary>
    public static WardenConfiguration Configuration { get; } = new()
    {
        Server = new()
        {
            RootfsPath = $"{StateDirectory}/rootfs",
            DepotPath = $"{StateDirectory}/depot",
        },
    };

    /// <summary>The depot as an absolute path, as it is after every restart.</summary>
    /// <exception cref="WardenException">The configuration has none.</exception>
    public static string DepotOf(WardenConfiguration configuration) =>
        Absolute(configuration.Server.DepotPath ?? throw new WardenException("server.container_depot_path is null: name a directory"));

    /// <summary>The root filesystem as an absolute path.</summary>
    /// <exception cref="WardenException">The configuration has none.</exception>
    public static string RootfsOf(WardenConfiguration configuration) =>
        Absolute(configuration.Server.RootfsPath ?? throw new WardenException("server.container_rootfs_path is null: name a directory"));

    private static string Absolute(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
}
