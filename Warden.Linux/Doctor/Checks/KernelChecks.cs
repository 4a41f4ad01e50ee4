using Warden.Linux.Doctor.Interop;
using Warden.Linux.Interop;
using Warden.Spec.Server.Configuration;

namespace Warden.Linux.Doctor.Checks;

/// <summary>Namespaces, system calls, seccomp and the union of file systems.</summary>
internal static class KernelChecks
{
    private const string Area = "kernel";
    private const string NoContainer = "no container is made";

    private static readonly string[] Namespaces = ["mnt", "pid", "net", "uts", "ipc", "cgroup"];

    public static IEnumerable<HostCheck> Make(WardenConfiguration configuration) =>
    [
        new(Area, "namespaces", Needed: true, NoContainer, "boot a kernel that has them, in Docker with --security-opt seccomp=unconfined", FindNamespaces)
        {
            InSandbox = true,
        },
        new(Area, "overlayfs", Needed: true, NoContainer, "put the depot on ext4, XFS or btrfs, and load the module: modprobe overlay", () => TryOverlay(configuration))
        {
            InSandbox = true,
        },
        SystemCall("openat2", SystemCallProbe.OpenAt2, "5.6"),
        SystemCall("pidfd_open", SystemCallProbe.PidfdOpen, "5.3"),
        SystemCall("pidfd_send_signal", SystemCallProbe.PidfdSendSignal, "5.1"),
        new(Area, "sealed memory files", Needed: true, NoContainer, "boot Linux 3.17 or later", TryMemfd),
        new(Area, "seccomp", Needed: true, "no unprivileged job is started", "boot a kernel with CONFIG_SECCOMP_FILTER", () =>
            File.Exists("/proc/sys/kernel/seccomp/actions_avail") ? Finding.Have("filters") : Finding.Lack("the kernel has no filters")),
        new(
            Area, "sockets of i386 programs", Needed: false,
            "containers reach the hypervisor (AF_VSOCK) and the kernel's cryptography (AF_ALG) by socketcall(2), whose families no filter sees",
            "take server.allow_i386_sockets out of the configuration",
            () => configuration.Server.AllowI386Sockets
                ? Finding.Lack("socketcall(2) is not filtered: server.allow_i386_sockets is true")
                : Finding.Have("filtered: they make sockets by socket(2), not by socketcall(2)")),
        new(
            Area, "id-mapped mounts", Needed: false, "files of vcap in a given root filesystem keep their uid there, which is not the container's",
            "boot Linux 5.19 or later with user namespaces", FindIdMapping),
    ];

    private static HostCheck SystemCall(string name, nint number, string version) => new(
        Area, name, Needed: true, NoContainer, $"boot Linux {version} or later, in Docker with --security-opt seccomp=unconfined",
        () => SystemCallProbe.Has(number) ? Finding.Have("the system call is there") : Finding.Lack("the kernel does not let the system call through"));

    private static Finding FindNamespaces()
    {
        // This runs in new ones of all but process ids.
        var missing = Namespaces.Where(name => !File.Exists($"/proc/self/ns/{name}")).ToList();
        return missing.Count == 0 ? Finding.Have(string.Join(", ", Namespaces)) : Finding.Lack($"missing: {string.Join(", ", missing)}");
    }

    private static Finding TryOverlay(WardenConfiguration configuration)
    {
        var place = Existing(configuration.Server.DepotPath ?? Path.GetTempPath());
        var directory = Path.Combine(place, $".doctor-{Guid.NewGuid():N}");
        Directory.CreateDirectory(directory);
        try
        {
            var (lower, upper, work, union) = (Make("lower"), Make("upper"), Make("work"), Make("union"));
            File.WriteAllText(Path.Combine(lower, "old"), "");
            NamespaceCalls.MountUnion(union, lower, upper, work);
            try
            {
                // A file that is made, and one that is hidden: what the upper directory's file system must be able to hold.
                File.WriteAllText(Path.Combine(union, "new"), "");
                File.Delete(Path.Combine(union, "old"));
                return File.Exists(Path.Combine(upper, "new"))
                    ? Finding.Have($"with its upper directory in {place}")
                    : Finding.Lack($"what is written does not arrive in {place}");
            }
            finally
            {
                NamespaceCalls.Unmount(union);
            }

            string Make(string name) => Directory.CreateDirectory(Path.Combine(directory, name)).FullName;
        }
        catch (LinuxException exception)
        {
            // The trial's directory has a random name, which tells a reader nothing.
            return Finding.Lack(exception.Message.Replace(directory, place, StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>The path, or what of it is there.</summary>
    private static string Existing(string path)
    {
        var directory = Path.GetFullPath(path);
        while (!Directory.Exists(directory))
        {
            directory = Path.GetDirectoryName(directory)!;
        }

        return directory;
    }

    private static Finding TryMemfd()
    {
        using var file = Memfd.CreateExecutable("warden-doctor");
        Memfd.Seal(file);
        return Finding.Have("sealed for the helper");
    }

    private static Finding FindIdMapping()
    {
        if (!SystemCallProbe.Has(SystemCallProbe.MountSetAttr))
        {
            return Finding.Lack("the kernel does not let mount_setattr through");
        }

        return File.Exists("/proc/self/ns/user") && File.ReadAllText("/proc/sys/user/max_user_namespaces").Trim() != "0"
            ? Finding.Have("where the root filesystem's own file system has them")
            : Finding.Lack("there are no user namespaces");
    }
}
