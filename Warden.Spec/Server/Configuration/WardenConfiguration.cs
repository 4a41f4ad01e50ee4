using System.Net;
using Warden.Spec.Backend;

namespace Warden.Spec.Server.Configuration;

/// <summary>The configuration of a server: the keys of the YAML file of protocol.md §6, with their defaults.</summary>
public sealed record WardenConfiguration
{
    /// <summary>The section <c>server</c>.</summary>
    public ServerSection Server { get; init; } = new();

    /// <summary>The section <c>health_check_server</c>.</summary>
    public HealthCheckSection HealthCheck { get; init; } = new();

    /// <summary>The section <c>logging</c>.</summary>
    public LoggingSection Logging { get; init; } = new();

    /// <summary>The section <c>network</c>.</summary>
    public NetworkSection Network { get; init; } = new();

    /// <summary>The section <c>port</c>.</summary>
    public PortSection Port { get; init; } = new();

    /// <summary>The section <c>user</c>.</summary>
    public UserSection User { get; init; } = new();
}

/// <summary>The section <c>server</c>.</summary>
public sealed record ServerSection
{
    /// <summary>The class of containers of the old server; only warned about when it is not this executable's kind.</summary>
    public string? ContainerClass { get; init; }

    /// <summary>The path of the Unix socket.</summary>
    public string SocketPath { get; init; } = "/tmp/warden.sock";

    /// <summary>The mode of the Unix socket.</summary>
    public int SocketMode { get; init; } = 0x1ED;

    /// <summary>The root filesystem of containers that ask for none of their own.</summary>
    public string? RootfsPath { get; init; }

    /// <summary>The depot's path; null where the executable has a default of its own.</summary>
    public string? DepotPath { get; init; }

    /// <summary>Seconds; null means never.</summary>
    public TimeSpan? GraceTime { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>Bytes of a job's output after which it is killed; 0 or less means no limit.</summary>
    public long JobOutputLimit { get; init; } = 10485760;

    /// <summary>The configured resource limits, <c>container_limits_conf</c> (in its units converted) overlaid by <c>container_rlimits</c>.</summary>
    public IReadOnlyDictionary<ResourceLimit, ulong> ResourceLimits { get; init; } = new Dictionary<ResourceLimit, ulong>();

    /// <summary>Whether disk limits are on.</summary>
    public bool DiskQuotaEnabled { get; init; } = true;

    /// <summary>Whether a container may run Warden itself.</summary>
    public bool AllowNestedWarden { get; init; }

    /// <summary>The file that holds the server's process id; null means none.</summary>
    public string? PidFile { get; init; }

    /// <summary>The datagram socket that tagged lines of jobs go to; null means /dev/log.</summary>
    public string? SyslogSocket { get; init; }

    /// <summary>A directory with an operator's executables, run at the steps of a container's start on Linux; null means none.</summary>
    public string? HooksPath { get; init; }

    /// <summary>
    /// Whether unprivileged jobs are kept from gaining privileges by executing a file, as sudo and su do (PR_SET_NO_NEW_PRIVS of prctl(2)).
    /// </summary>
    public bool NoNewPrivileges { get; init; } = true;

    /// <summary>
    /// Whether programs of i386 may make sockets by socketcall(2) on Linux, as those that were built against an older glibc do. A filter cannot see
    /// of which family such a socket is: AF_VSOCK and AF_ALG are open with it.
    /// </summary>
    public bool AllowI386Sockets { get; init; }

    /// <summary>
    /// The most processes and threads that a container may have at a time on Linux; 0 means no limit. A root of a container is held by no
    /// <c>nproc</c> (setrlimit(2)), and the host has a limited number of them.
    /// </summary>
    public int ProcessLimit { get; init; } = Backend.BackendSettings.DefaultProcessLimit;

    /// <summary>
    /// The most bytes of a container's /dev/shm on Linux, which has no more than the container's limit of memory either; null means an eighth of
    /// the host's memory, and at least 64 MiB.
    /// </summary>
    public long? SharedMemoryLimit { get; init; }
}

/// <summary>The section <c>health_check_server</c>.</summary>
public sealed record HealthCheckSection
{
    /// <summary>The TCP port on 127.0.0.1; null means off.</summary>
    public int? Port { get; init; } = 2345;
}

/// <summary>The section <c>logging</c>.</summary>
public sealed record LoggingSection
{
    /// <summary>off, fatal, error, warn, info, debug, debug1, debug2 or all.</summary>
    public string Level { get; init; } = "info";

    /// <summary>A file to log to; null means standard error.</summary>
    public string? File { get; init; }

    /// <summary>The tag under which to log to syslog; null means not.</summary>
    public string? Syslog { get; init; }
}

/// <summary>The section <c>network</c>.</summary>
public sealed record NetworkSection
{
    /// <summary>The pool that /30 networks are taken from.</summary>
    public IPNetwork Pool { get; init; } = new(IPAddress.Parse("10.254.0.0"), 24);

    /// <summary>How long a released network rests.</summary>
    public TimeSpan ReleaseDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The largest packet in bytes.</summary>
    public int Mtu { get; init; } = 1500;

    /// <summary>Networks open to every container.</summary>
    public IReadOnlyList<AddressRange> AllowNetworks { get; init; } = [];

    /// <summary>Networks closed to every container, before <see cref="AllowNetworks"/> is looked at.</summary>
    public IReadOnlyList<AddressRange> DenyNetworks { get; init; } = [];

    /// <summary>Whether containers reach the host's own addresses.</summary>
    public bool AllowHostAccess { get; init; }

    /// <summary>The name servers for the containers' resolv.conf, each one word; empty means a copy of the host's.</summary>
    public IReadOnlyList<string> DnsServers { get; init; } = [];
}

/// <summary>The section <c>port</c>.</summary>
public sealed record PortSection
{
    /// <summary>The first port; null means one above the host's ephemeral range.</summary>
    public int? StartPort { get; init; }

    /// <summary>How many; null means up to port 65000.</summary>
    public int? Size { get; init; }
}

/// <summary>The section <c>user</c>.</summary>
public sealed record UserSection
{
    /// <summary>The first uid.</summary>
    public uint StartUid { get; init; } = 10000;

    /// <summary>How many.</summary>
    public int Size { get; init; } = 64;
}
