using System.Text.Json.Serialization;

namespace Warden.Spec.Containers.Snapshots;

/// <summary>
/// What <c>snapshot.json</c> holds (protocol.md §6): all of a container that is not in its backend. What has a default has a setter: the
/// generated reader gives an absent init-only property no default.
/// </summary>
internal sealed record ContainerSnapshot
{
    /// <summary>The format that this engine writes. It reads this one and older ones; a newer one refuses the start.</summary>
    public const int CurrentVersion = 1;

    public required int Version { get; init; }

    public required string State { get; init; }

    /// <summary>Seconds; null means never.</summary>
    public double? GraceTime { get; init; }

    public string[] Events { get; set; } = [];

    /// <summary>The jobs that were not linked, by id.</summary>
    public Dictionary<string, JobSnapshot> Jobs { get; set; } = [];

    /// <summary>The last id that a job of this container was given.</summary>
    public uint LastJobId { get; set; }

    public LimitsSnapshot Limits { get; set; } = new();

    public required ResourcesSnapshot Resources { get; init; }
}

internal sealed record JobSnapshot
{
    public bool Privileged { get; init; }

    public bool DiscardOutput { get; init; }

    public string? LogTag { get; init; }
}

/// <summary>The limits that were set; what is null was not.</summary>
internal sealed record LimitsSnapshot
{
    public ulong? MemoryInBytes { get; init; }

    public ulong? CpuInShares { get; init; }

    public DiskSnapshot? Disk { get; init; }

    public BandwidthSnapshot? Bandwidth { get; init; }
}

internal sealed record DiskSnapshot(ulong BlockSoft, ulong BlockHard, ulong InodeSoft, ulong InodeHard);

internal sealed record BandwidthSnapshot(ulong Rate, ulong Burst);

internal sealed record ResourcesSnapshot
{
    public required string Handle { get; init; }

    public required string ContainerId { get; init; }

    /// <summary>The first address of the /30.</summary>
    public required string Network { get; init; }

    public required uint Uid { get; init; }

    /// <summary>The forwarded ports that came from the pool.</summary>
    public int[] Ports { get; set; } = [];

    /// <summary>Forwarded ports as [host, container].</summary>
    public int[][] NetIn { get; set; } = [];

    public NetOutSnapshot[] NetOut { get; set; } = [];

    public string? Rootfs { get; init; }

    public BindMountSnapshot[] BindMounts { get; set; } = [];
}

/// <summary>A rule, written as [network, ports, protocol, icmp_type, icmp_code, log].</summary>
[JsonConverter(typeof(NetOutSnapshotConverter))]
internal sealed record NetOutSnapshot(string? Network, string? Ports, string Protocol, int? IcmpType, int? IcmpCode, bool Log);

internal sealed record BindMountSnapshot(string SrcPath, string DstPath, bool Writable);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DictionaryKeyPolicy = JsonKnownNamingPolicy.Unspecified,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ContainerSnapshot))]
[JsonSerializable(typeof(SnapshotVersion))]
internal sealed partial class SnapshotJson : JsonSerializerContext;

/// <summary>The one field that every version of the format has.</summary>
internal sealed record SnapshotVersion
{
    public int? Version { get; init; }
}
