namespace Warden.Spec.Backend;

/// <summary>Limits of disk use; 0 means none. Blocks are of 1024 bytes.</summary>
/// <param name="BlockSoft">Soft limit of blocks.</param>
/// <param name="BlockHard">Hard limit of blocks.</param>
/// <param name="InodeSoft">Soft limit of inodes.</param>
/// <param name="InodeHard">Hard limit of inodes.</param>
public readonly record struct DiskLimits(ulong BlockSoft, ulong BlockHard, ulong InodeSoft, ulong InodeHard);

/// <summary>A token bucket.</summary>
/// <param name="Rate">Bytes a second.</param>
/// <param name="Burst">Bytes.</param>
public readonly record struct BandwidthLimit(ulong Rate, ulong Burst);

/// <summary>The protocols that a rule opens; the numbers are the wire's.</summary>
public enum NetProtocol
{
    /// <summary>TCP.</summary>
    Tcp = 0,

    /// <summary>UDP.</summary>
    Udp = 1,

    /// <summary>ICMP.</summary>
    Icmp = 2,

    /// <summary>Every protocol.</summary>
    All = 3,
}

/// <summary>What a NetOut opens; what is null is not restricted.</summary>
/// <param name="Network">The destinations.</param>
/// <param name="Ports">The ports, first and last included.</param>
/// <param name="Protocol">The protocol.</param>
/// <param name="IcmpType">The ICMP type; null means every one.</param>
/// <param name="IcmpCode">The ICMP code; null means every one.</param>
/// <param name="Log">Whether new TCP connections are logged.</param>
public sealed record NetOutRule(
    AddressRange? Network, (int First, int Last)? Ports, NetProtocol Protocol, int? IcmpType, int? IcmpCode, bool Log);

/// <summary>What a container uses. A value that the kernel does not give is null.</summary>
public sealed record ContainerStatistics
{
    /// <summary>What a kernel reports for no limit of memory: the largest page-aligned 63-bit number.</summary>
    public const ulong UnlimitedMemory = 9223372036854771712;

    /// <summary>The fields of the memory controller by their names in protocol.md §2.</summary>
    public required IReadOnlyList<KeyValuePair<string, ulong>> Memory { get; init; }

    /// <summary>Nanoseconds of CPU time.</summary>
    public required ulong CpuNanoseconds { get; init; }

    /// <summary>USER_HZ ticks in user mode.</summary>
    public ulong? CpuUserTicks { get; init; }

    /// <summary>USER_HZ ticks in the kernel.</summary>
    public ulong? CpuSystemTicks { get; init; }

    /// <summary>Bytes on disk; null where they are not accounted.</summary>
    public ulong? DiskBytes { get; init; }

    /// <summary>Inodes on disk; null where they are not accounted.</summary>
    public ulong? DiskInodes { get; init; }
}
