using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Warden.ConformanceTests.Targets;

/// <summary>What the Docker target finds on the machine.</summary>
internal static class DockerEnvironment
{
    /// <summary>The names of capabilities by their numbers (capabilities(7), linux/capability.h).</summary>
    private static readonly string[] Capabilities =
    [
        "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE",
        "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE",
        "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE",
        "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
        "CHECKPOINT_RESTORE",
    ];

    private static readonly Lazy<string?> FoundMissing = new(FindMissing);

    /// <summary>The name of the server's image: WARDEN_DOCKER_IMAGE.</summary>
    public static string? Image { get; } = LinuxEnvironment.Variable("WARDEN_DOCKER_IMAGE");

    /// <summary>Why no server can be started in a container here, or null.</summary>
    public static string? Missing => FoundMissing.Value;

    /// <summary>The capabilities that the kernel has and the machine lacks: an engine can give them to no container.</summary>
    public static IReadOnlyList<string> MissingCapabilities()
    {
        var bounding = File.ReadLines("/proc/self/status").First(line => line.StartsWith("CapBnd:", StringComparison.Ordinal))["CapBnd:".Length..];
        var set = ulong.Parse(bounding.Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var last = int.Parse(File.ReadAllText("/proc/sys/kernel/cap_last_cap"), CultureInfo.InvariantCulture);
        return [.. Capabilities.Take(last + 1).Where((_, number) => (set & (1UL << number)) == 0)];
    }

    private static string? FindMissing() => true switch
    {
        _ when !LinuxEnvironment.IsAskedFor("docker") => "WARDEN_TARGETS does not contain docker",
        _ when !OperatingSystem.IsLinux() => "the container must be on this machine, whose kernel must be Linux",
        _ when !Environment.IsPrivilegedProcess => "the tests look into the container's processes, networks and files, which needs root",
        _ when Image is null => "WARDEN_DOCKER_IMAGE names no image of the server (ci/docker-target builds one)",
        _ when LinuxEnvironment.Variable("DOCKER_HOST") is { } host && !host.StartsWith("unix://", StringComparison.Ordinal) =>
            $"the Docker engine at {host} is not on this machine",
        _ => Refusal() is { } why ? $"there is no Docker engine: {why}" : null,
    };

    /// <summary>What docker(1) says where no engine answers it. Testcontainers asks for a version of the API that older engines refuse, unless told.</summary>
    private static string? Refusal()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("docker", ["version", "--format", "{{.Server.APIVersion}}"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var error = process.StandardError.ReadToEndAsync();
            var version = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            if (process.ExitCode != 0)
            {
                return error.Result.Trim().ReplaceLineEndings(" ");
            }

            Environment.SetEnvironmentVariable("DOCKER_API_VERSION", LinuxEnvironment.Variable("DOCKER_API_VERSION") ?? version);
            return null;
        }
        catch (Win32Exception)
        {
            return "there is no program docker";
        }
    }
}
