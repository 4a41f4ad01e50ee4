namespace Warden.Spec.Backend;

/// <summary>
/// What makes containers: the kernel of Linux, or the emulated machine. A backend is mechanism alone: it sees no request, no
/// connection and no state. It outlives the servers that use it, as containers and jobs outlive a server (protocol.md §4, Restart).
/// Failures that a client should read are <see cref="WardenException"/>s.
/// </summary>
public interface IBackend
{
    /// <summary>What this backend cannot do, and why.</summary>
    BackendCapabilities Capabilities { get; }

    /// <summary>Where the containers' directories and the server's own counters are kept.</summary>
    IDepot Depot { get; }

    /// <summary>What the engine must know of the host: its users, ports, name servers.</summary>
    IHostFacts Host { get; }

    /// <summary>Prepares the host for a server with these settings. Called once for every start of a server, before anything else.</summary>
    ValueTask StartAsync(BackendSettings settings, CancellationToken cancellationToken);

    /// <summary>
    /// Makes a container up to a ready init. When it fails nothing is left behind.
    /// </summary>
    /// <exception cref="WardenException">The root filesystem or a bind mount's source does not exist, or the host refused a step.</exception>
    ValueTask<IContainerBackend> CreateAsync(ContainerSpec spec, CancellationToken cancellationToken);

    /// <summary>
    /// Takes over a container that an earlier server made. Returns null when its init is not alive. What was opened, forwarded and limited
    /// in it is still in force; the engine does not ask for it again, but for limits of the disk: they may be those of a user of the host,
    /// whom others know too.
    /// </summary>
    ValueTask<IContainerBackend?> RecoverAsync(ContainerSpec spec, CancellationToken cancellationToken);

    /// <summary>Destroys what is left of a container that cannot be recovered: its processes, mounts, interfaces, rules and directory.</summary>
    ValueTask DestroyRemainsAsync(string containerId, CancellationToken cancellationToken);
}

/// <summary>What the engine must know of the host.</summary>
public interface IHostFacts
{
    /// <summary>The user ids of the host's /etc/passwd; the pool of uids must not overlap them.</summary>
    IReadOnlyCollection<uint> UserIds { get; }

    /// <summary>The default first port of the pool: one above the end of the ephemeral range.</summary>
    int FirstFreePort { get; }
}

/// <summary>What a backend cannot do: each feature that is missing, with the reason in one sentence.</summary>
public sealed class BackendCapabilities
{
    /// <summary>Creates the capabilities.</summary>
    /// <param name="lacking">The missing features with their reasons.</param>
    public BackendCapabilities(IReadOnlyDictionary<BackendFeature, string>? lacking = null) =>
        Lacking = lacking ?? new Dictionary<BackendFeature, string>();

    /// <summary>The missing features with their reasons.</summary>
    public IReadOnlyDictionary<BackendFeature, string> Lacking { get; }

    /// <summary>Whether a feature is there.</summary>
    public bool Has(BackendFeature feature) => !Lacking.ContainsKey(feature);
}

/// <summary>What a backend may lack.</summary>
public enum BackendFeature
{
    /// <summary>Limits on the bytes that the container's user keeps on disk.</summary>
    DiskBytes,

    /// <summary>Limits on the inodes that the container's user keeps on disk.</summary>
    DiskInodes,

    /// <summary>Accounting of swap.</summary>
    Swap,

    /// <summary>The console's log.</summary>
    Console,
}
