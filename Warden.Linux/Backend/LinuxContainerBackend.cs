using Warden.Linux.Cgroups;
using Warden.Linux.Filesystem;
using Warden.Linux.Processes;
using Warden.Spec;
using Warden.Spec.Backend;

namespace Warden.Linux.Backend;

/// <summary>One container of the kernel as the engine sees it: its monitor, its cgroups, its part of the network and of the depot.</summary>
internal sealed class LinuxContainerBackend(
    LinuxBackend backend, ContainerSpec spec, ContainerDirectory directory, IContainerCgroup cgroup, ContainerMonitor monitor) : IContainerBackend
{
    private readonly ContainerCopies _copies = new();
    private volatile bool _hasEnded;

    /// <inheritdoc/>
    public string Path => directory.Path;

    /// <inheritdoc/>
    public Task OutOfMemory => monitor.OutOfMemory;

    /// <inheritdoc/>
    public Task InitEnded => monitor.InitEnded;

    /// <inheritdoc/>
    public ValueTask<IBackendJob> StartJobAsync(JobSpec spec, CancellationToken cancellationToken) =>
        monitor.StartJobAsync(spec, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IBackendJob?> FindJobAsync(uint jobId, CancellationToken cancellationToken) =>
        monitor.FindJobAsync(jobId, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask SignalAllAsync(StopSignal signal, CancellationToken cancellationToken)
    {
        if (signal == StopSignal.Kill)
        {
            // Init and the monitor may be stopped or frozen, by the container's root or by somebody on the host: KILL does not depend on them.
            await Task.Run(() => cgroup.KillAllBut(monitor.InitPid), cancellationToken).ConfigureAwait(false);
            monitor.Resume();
        }

        await monitor.SignalAllAsync(signal, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask WaitUntilIdleAsync(CancellationToken cancellationToken) => monitor.WaitUntilIdleAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask CopyInAsync(string sourcePath, string destinationPath, CancellationToken cancellationToken) =>
        _copies.RunAsync(stop => ContainerCopy.InAsync(monitor.OpenRoot, spec.UserId, sourcePath, destinationPath, stop), cancellationToken);

    /// <inheritdoc/>
    public ValueTask CopyOutAsync(string sourcePath, string destinationPath, string? owner, CancellationToken cancellationToken) =>
        _copies.RunAsync(stop => ContainerCopy.OutAsync(monitor.OpenRoot, spec.UserId, sourcePath, destinationPath, owner, stop), cancellationToken);

    /// <inheritdoc/>
    public ValueTask ForwardPortAsync(int hostPort, int containerPort, CancellationToken cancellationToken) =>
        backend.Network.ForwardPortAsync(spec.Id, spec.ContainerAddress, hostPort, containerPort, cancellationToken);

    /// <inheritdoc/>
    public ValueTask OpenAsync(NetOutRule rule, CancellationToken cancellationToken) =>
        backend.Network.OpenAsync(spec.Id, rule, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ulong> ReadMemoryLimitAsync(CancellationToken cancellationToken) => new(cgroup.ReadMemoryLimit());

    /// <inheritdoc/>
    public ValueTask<ulong> LimitMemoryAsync(ulong bytes, CancellationToken cancellationToken)
    {
        var limit = cgroup.LimitMemory(bytes);
        if (!_hasEnded && !backend.Settings.AllowNestedWarden)
        {
            try
            {
                using var root = monitor.OpenRoot();
                SharedMemory.Resize(root, SharedMemory.SizeFor(limit, backend.Settings.SharedMemoryLimit));
            }
            catch (WardenException)
            {
                // Init has ended, and /dev/shm with it.
            }
        }

        return new(limit);
    }

    /// <inheritdoc/>
    public ValueTask LimitDiskAsync(DiskLimits limits, CancellationToken cancellationToken)
    {
        backend.Directories.Quota.Limit(new DiskUser(spec.Id, spec.UserId), limits);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask LimitBandwidthAsync(BandwidthLimit limit, CancellationToken cancellationToken) =>
        backend.Network.LimitBandwidthAsync(spec.Id, limit, cancellationToken);

    /// <inheritdoc/>
    public ValueTask LimitCpuAsync(ulong shares, CancellationToken cancellationToken)
    {
        cgroup.LimitCpu(shares);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<ulong> ReadCpuLimitAsync(CancellationToken cancellationToken) => new(cgroup.ReadCpu());

    /// <inheritdoc/>
    public ValueTask<ContainerStatistics> MeasureAsync(CancellationToken cancellationToken)
    {
        if (_hasEnded)
        {
            // A destroy that failed has left nothing to measure.
            return new(new ContainerStatistics { Memory = [], CpuNanoseconds = 0 });
        }

        var usage = cgroup.Measure();
        var (bytes, inodes) = backend.Directories.Quota.Measure(new DiskUser(spec.Id, spec.UserId));
        return new(new ContainerStatistics
        {
            Memory = usage.Memory,
            CpuNanoseconds = usage.CpuNanoseconds,
            CpuUserTicks = usage.CpuUserTicks,
            CpuSystemTicks = usage.CpuSystemTicks,
            DiskBytes = bytes,
            DiskInodes = inodes,
        });
    }

    /// <inheritdoc/>
    public async ValueTask DestroyAsync(CancellationToken cancellationToken)
    {
        await backend.RemoveAsync(spec.Id, EndAsync(cancellationToken)).ConfigureAwait(false);
        await monitor.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Closes what this server holds of the container, which lives on.</summary>
    public async ValueTask LetGoAsync()
    {
        await monitor.DisposeAsync().ConfigureAwait(false);
        cgroup.Dispose();
    }

    private async Task EndAsync(CancellationToken cancellationToken)
    {
        var ended = Task.WhenAll(monitor.TerminateAsync(cancellationToken).AsTask(), _copies.EndAsync());
        await LinuxBackend.ThawUntilAsync(ended, cgroup, monitor.Resume).ConfigureAwait(false);
        _hasEnded = true;
        cgroup.Dispose();
    }
}
