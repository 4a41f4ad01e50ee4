using Microsoft.Win32.SafeHandles;
using Warden.Linux.Filesystem;
using Warden.Linux.Filesystem.Interop;
using Warden.Linux.Processes;
using Warden.Spec.Server.Configuration;

namespace Warden.Linux.Doctor.Checks;

/// <summary>What is to lie on this host's disks: the helper, the root filesystem, the depot.</summary>
internal static class PathChecks
{
    private const string Area = "paths";

    // RESOLVE_IN_ROOT of openat2(2): links in the root filesystem lead where they lead in a container.
    private const ulong InRoot = 0x10;

    public static IEnumerable<HostCheck> Make(WardenConfiguration configuration, InspectionOptions options) =>
    [
        new(
            Area, "helper", Needed: true, "no container is made", "install a C compiler (apt-get install musl-tools) and build again",
            () =>
            {
                HelperProgram.Load(options.HelperPath).Dispose();
                return Finding.Have(options.HelperPath);
            }),
        new(Area, "root filesystem", Needed: true, "no container is made that names none of its own", "run `warden setup`", () => FindRootfs(configuration)),
        new(Area, "depot", Needed: true, "no container is made", "set server.container_depot_path to a directory", () => FindDepot(configuration)),
        new(
            Area, "depot's shield", Needed: false, "the server closes the depot to all but root (mode 0700): no other user reads files in a container_path",
            "put the depot on a file system that is mounted with nosuid,nodev", () => FindShield(configuration))
        {
            InSandbox = true,
        },
        new(
            Area, "disk limits", Needed: false, "LimitDisk is refused, and info shows no disk use", "run `warden setup` with mkfs.btrfs there (apt-get install btrfs-progs)",
            () => FindDiskLimits(configuration, options)),
        new(
            Area, "disk limits of inodes", Needed: false, "a limit of inodes is kept and read back, and not enforced", "this needs a depot on ext4 or XFS with user quotas",
            () => FindInodeLimits(configuration, options)),
        new(
            Area, "hooks", Needed: true, "the operator's steps are left out", "make the directory, or take server.hooks out of the configuration",
            () => configuration.Server.HooksPath is not { } hooks
                ? Finding.NotNeeded("none are configured")
                : Directory.Exists(hooks) ? Finding.Have(hooks) : Finding.Lack($"there is no directory {hooks}")),
    ];

    private static Finding FindRootfs(WardenConfiguration configuration)
    {
        if (configuration.Server.RootfsPath is not { } path)
        {
            return Finding.NotNeeded("none is configured: every Create names its own");
        }

        if (FileAt.OpenDirectory(path, out var root) != 0)
        {
            return Finding.Lack($"there is no directory {path}");
        }

        using (root)
        {
            return Has(root, "bin/bash") ? Finding.Have(path) : Finding.Lack($"{path} has no /bin/bash");
        }
    }

    private static bool Has(SafeFileHandle root, string path)
    {
        var error = FileAt.OpenResolved(root, path, OpenFlag.Path, InRoot, out var file);
        if (error == 0)
        {
            file.Dispose();
        }

        return error == 0;
    }

    private static Finding FindDepot(WardenConfiguration configuration)
    {
        if (configuration.Server.DepotPath is not { } path)
        {
            return Finding.Lack("server.container_depot_path is null");
        }

        if (Directory.Exists(path))
        {
            return Finding.Have(path);
        }

        return File.Exists(path) ? Finding.Lack($"{path} is no directory") : Finding.Have($"the server makes {path}");
    }

    /// <summary>Whether set-user-id programs of containers can be made harmless, tried in mounts that are nobody else's.</summary>
    private static Finding FindShield(WardenConfiguration configuration)
    {
        if (FindDepotDirectory(configuration) is not { } depot)
        {
            return Finding.NotNeeded("the depot is not made yet");
        }

        DepotShield.Mount(depot);
        return Finding.Have($"set-user-id programs and devices of containers are none in {depot}");
    }

    private static Finding FindDiskLimits(WardenConfiguration configuration, InspectionOptions options)
    {
        if (!configuration.Server.DiskQuotaEnabled)
        {
            return Finding.NotNeeded("quota.disk_quota_enabled is false");
        }

        if (FindDepotDirectory(configuration) is not { } depot)
        {
            return Finding.Lack("the depot is not made yet");
        }

        var limits = options.FindDiskLimits(depot);
        return limits.Bytes ? Finding.Have($"of bytes, in {depot}{(limits.By is { } by ? $", by {by}" : "")}") : Finding.Lack(limits.WhyNot ?? $"the file system of {depot} has none");
    }

    private static Finding FindInodeLimits(WardenConfiguration configuration, InspectionOptions options)
    {
        if (!configuration.Server.DiskQuotaEnabled)
        {
            return Finding.NotNeeded("quota.disk_quota_enabled is false");
        }

        return FindDepotDirectory(configuration) is { } depot && options.FindDiskLimits(depot).Inodes
            ? Finding.Have($"in {depot}")
            : Finding.Lack("what limits the depot's disk limits no inodes");
    }

    private static string? FindDepotDirectory(WardenConfiguration configuration) =>
        configuration.Server.DepotPath is { } path && Directory.Exists(path) ? path : null;
}
