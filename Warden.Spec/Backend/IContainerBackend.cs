namespace Warden.Spec.Backend;

/// <summary>One live container as its backend sees it.</summary>
public interface IContainerBackend : IContainerProcesses, IContainerFiles, IContainerNetwork, IContainerLimits
{
    /// <summary>The container's directory on the host.</summary>
    string Path { get; }

    /// <summary>Completes when the container has run out of memory for the first time.</summary>
    Task OutOfMemory { get; }

    /// <summary>Completes when init has ended without having been asked to.</summary>
    Task InitEnded { get; }

    /// <summary>What the container uses now.</summary>
    ValueTask<ContainerStatistics> MeasureAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Ends what still runs with KILL and removes all of the container from the host. Every job has ended when it returns. May be called
    /// again after a failure.
    /// </summary>
    ValueTask DestroyAsync(CancellationToken cancellationToken);
}

/// <summary>A container's jobs and processes.</summary>
public interface IContainerProcesses
{
    /// <summary>Starts a job; it runs, keeps its output and its end without the server.</summary>
    /// <exception cref="WardenException">The kernel refused a resource limit.</exception>
    ValueTask<IBackendJob> StartJobAsync(JobSpec spec, CancellationToken cancellationToken);

    /// <summary>
    /// A job of an earlier server, running or ended and not forgotten; null when there is none of that id. One that ended and whose status
    /// is lost is found, with status 255.
    /// </summary>
    ValueTask<IBackendJob?> FindJobAsync(uint jobId, CancellationToken cancellationToken);

    /// <summary>Sends a signal to every process of the container except its init.</summary>
    ValueTask SignalAllAsync(StopSignal signal, CancellationToken cancellationToken);

    /// <summary>Completes when only init is left.</summary>
    ValueTask WaitUntilIdleAsync(CancellationToken cancellationToken);
}

/// <summary>The signals that Stop sends.</summary>
public enum StopSignal
{
    /// <summary>SIGTERM, 15.</summary>
    Terminate = 15,

    /// <summary>SIGKILL, 9.</summary>
    Kill = 9,
}

/// <summary>Copies between the host and a container (protocol.md §5).</summary>
public interface IContainerFiles
{
    /// <summary>Copies from the host into the container with vcap's rights; what arrives is owned by vcap.</summary>
    /// <exception cref="WardenException">A path is missing, or vcap may not write there.</exception>
    ValueTask CopyInAsync(string sourcePath, string destinationPath, CancellationToken cancellationToken);

    /// <summary>Copies from the container to the host with vcap's rights.</summary>
    /// <param name="sourcePath">A path in the container; a trailing slash copies a directory's contents.</param>
    /// <param name="destinationPath">A path of the host.</param>
    /// <param name="owner">USER or USER:GROUP of the host; null for root (or the server's user where it may not change owners).</param>
    /// <param name="cancellationToken">Ends the copy between two blocks.</param>
    /// <exception cref="WardenException">A path is missing, vcap may not read it, or the owner is unknown or cannot be set.</exception>
    ValueTask CopyOutAsync(string sourcePath, string destinationPath, string? owner, CancellationToken cancellationToken);
}

/// <summary>A container's openings in the network (protocol.md §5).</summary>
public interface IContainerNetwork
{
    /// <summary>Forwards a TCP port of the host's external address to a port of the container. Asking again for the same is no error.</summary>
    ValueTask ForwardPortAsync(int hostPort, int containerPort, CancellationToken cancellationToken);

    /// <summary>Opens what the rule says; a later rule is matched before an earlier one.</summary>
    ValueTask OpenAsync(NetOutRule rule, CancellationToken cancellationToken);
}

/// <summary>A container's limits. A setter returns what is in force afterwards.</summary>
public interface IContainerLimits
{
    /// <summary>The limit of memory in bytes; <see cref="ContainerStatistics.UnlimitedMemory"/> means none.</summary>
    ValueTask<ulong> ReadMemoryLimitAsync(CancellationToken cancellationToken);

    /// <summary>Sets the limit of memory and, where the kernel accounts it, of memory and swap, rounded up to a page.</summary>
    /// <exception cref="WardenException">More is in use; the old limit stays. The message begins with "Failed setting memory limit: ".</exception>
    ValueTask<ulong> LimitMemoryAsync(ulong bytes, CancellationToken cancellationToken);

    /// <summary>Sets the limits of disk space and inodes of vcap.</summary>
    ValueTask LimitDiskAsync(DiskLimits limits, CancellationToken cancellationToken);

    /// <summary>Sets the token bucket of both directions.</summary>
    ValueTask LimitBandwidthAsync(BandwidthLimit limit, CancellationToken cancellationToken);

    /// <summary>Sets the CPU shares, 2 to 262144.</summary>
    ValueTask LimitCpuAsync(ulong shares, CancellationToken cancellationToken);

    /// <summary>The CPU shares in force.</summary>
    ValueTask<ulong> ReadCpuLimitAsync(CancellationToken cancellationToken);
}
