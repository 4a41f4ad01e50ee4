namespace Warden.Bench.Kernel;

/// <summary>Where what is measured lies, as ci/bench/linux has prepared it.</summary>
/// <param name="Warden">The published executable.</param>
/// <param name="Work">A directory for everything, with the configurations plain.yml and btrfs.yml.</param>
/// <param name="Rootfs">The root filesystem of every container, crun's too.</param>
/// <param name="CgroupPath">A control group's path in every hierarchy, for crun's.</param>
internal sealed record Places(string Warden, string Work, string Rootfs, string CgroupPath)
{
    /// <summary>Starts the server whose depot is of that kind.</summary>
    public ServerProcess Start(string depot) => ServerProcess.StartLinux(Warden, Path.Combine(Work, $"{depot}.yml"));
}
