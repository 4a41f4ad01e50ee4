using Warden.Spec.Backend;

namespace Warden.Spec.Containers;

/// <summary>
/// What is left of a container whose init has ended and that could not be removed when a server took over: nothing runs in it, and all that
/// can be done with it is to remove it.
/// </summary>
internal sealed class ContainerRemains(IBackend backend, string id, string path) : IContainerBackend
{
    private readonly TaskCompletionSource _never = new();

    public string Path => path;

    public Task OutOfMemory => _never.Task;

    public Task InitEnded => _never.Task;

    public ValueTask<ContainerStatistics> MeasureAsync(CancellationToken cancellationToken) => new(new ContainerStatistics { Memory = [], CpuNanoseconds = 0 });

    public ValueTask DestroyAsync(CancellationToken cancellationToken) => backend.DestroyRemainsAsync(id, cancellationToken);

    public ValueTask<IBackendJob> StartJobAsync(JobSpec spec, CancellationToken cancellationToken) => throw Gone();

    public ValueTask<IBackendJob?> FindJobAsync(uint jobId, CancellationToken cancellationToken) => new((IBackendJob?)null);

    public ValueTask SignalAllAsync(StopSignal signal, CancellationToken cancellationToken) => default;

    public ValueTask WaitUntilIdleAsync(CancellationToken cancellationToken) => default;

    public ValueTask CopyInAsync(string sourcePath, string destinationPath, CancellationToken cancellationToken) => throw Gone();

    public ValueTask CopyOutAsync(string sourcePath, string destinationPath, string? owner, CancellationToken cancellationToken) => throw Gone();

    public ValueTask ForwardPortAsync(int hostPort, int containerPort, CancellationToken cancellationToken) => throw Gone();

    public ValueTask OpenAsync(NetOutRule rule, CancellationToken cancellationToken) => throw Gone();

    public ValueTask<ulong> ReadMemoryLimitAsync(CancellationToken cancellationToken) => throw Gone();

    public ValueTask<ulong> LimitMemoryAsync(ulong bytes, CancellationToken cancellationToken) => throw Gone();

    public ValueTask LimitDiskAsync(DiskLimits limits, CancellationToken cancellationToken) => throw Gone();

    public ValueTask LimitBandwidthAsync(BandwidthLimit limit, CancellationToken cancellationToken) => throw Gone();

    public ValueTask LimitCpuAsync(ulong shares, CancellationToken cancellationToken) => throw Gone();

    public ValueTask<ulong> ReadCpuLimitAsync(CancellationToken cancellationToken) => throw Gone();

    private static WardenException Gone() => new("The container has ended; what is left of it can only be destroyed");
}
