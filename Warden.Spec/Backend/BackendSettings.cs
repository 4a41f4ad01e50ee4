using System.Net;

namespace Warden.Spec.Backend;

/// <summary>The part of the configuration that a backend acts on (protocol.md §6).</summary>
public sealed record BackendSettings
{
    /// <summary>The most processes and threads of a container where the configuration says nothing.</summary>
    public const int DefaultProcessLimit = 4096;

    /// <summary>The depot's path on the host.</summary>
    public required string DepotPath { get; init; }

    /// <summary>The root filesystem of containers that ask for none of their own; null where the backend has a default.</summary>
    public string? RootfsPath { get; init; }

    /// <summary>The pool's first address and prefix length.</summary>
    public required IPNetwork Pool { get; init; }

    /// <summary>The largest packet in bytes.</summary>
    public int Mtu { get; init; } = 1500;

    /// <summary>Networks open to every container, as addresses, CIDR or first-last ranges.</summary>
    public IReadOnlyList<AddressRange> AllowNetworks { get; init; } = [];

    /// <summary>Networks closed to every container, before <see cref="AllowNetworks"/> is looked at.</summary>
    public IReadOnlyList<AddressRange> DenyNetworks { get; init; } = [];

    /// <summary>Whether containers reach the host's own addresses.</summary>
    public bool AllowHostAccess { get; init; }

    /// <summary>The name servers for resolv.conf, each one word and mostly an address; empty means a copy of the host's.</summary>
    public IReadOnlyList<string> DnsServers { get; init; } = [];

    /// <summary>Whether disk limits are on.</summary>
    public bool DiskQuotaEnabled { get; init; } = true;

    /// <summary>Whether a container may run Warden itself.</summary>
    public bool AllowNestedWarden { get; init; }

    /// <summary>The datagram socket that tagged lines go to; null means /dev/log.</summary>
    public string? SyslogSocket { get; init; }

    /// <summary>The directory of an operator's executables, named after the steps of a container's start; null means none.</summary>
    public string? HooksPath { get; init; }

    /// <summary>Whether executing a file gives an unprivileged job no more privileges than it has.</summary>
    public bool NoNewPrivileges { get; init; } = true;

    /// <summary>Whether programs of i386 may make sockets by socketcall(2).</summary>
    public bool AllowI386Sockets { get; init; }

    /// <summary>The most processes and threads of a container; 0 means no limit.</summary>
    public int ProcessLimit { get; init; } = DefaultProcessLimit;

    /// <summary>The most bytes of a container's /dev/shm; null means an eighth of the host's memory, and at least 64 MiB.</summary>
    public long? SharedMemoryLimit { get; init; }
}

/// <summary>Addresses from <paramref name="First"/> to <paramref name="Last"/>, both included; IPv4.</summary>
/// <param name="First">The first address.</param>
/// <param name="Last">The last address.</param>
public readonly record struct AddressRange(IPAddress First, IPAddress Last);
