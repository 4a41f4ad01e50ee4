using Warden.Spec;
using Warden.Spec.Backend;

namespace Warden.Emulator.Backend;

// Network and limits.
internal sealed partial class EmulatedContainerBackend
{
    /// <inheritdoc/>
    public ValueTask ForwardPortAsync(int hostPort, int containerPort, CancellationToken cancellationToken)
    {
        _backend.Network.Forward(hostPort, _id, containerPort);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask OpenAsync(NetOutRule rule, CancellationToken cancellationToken)
    {
        _backend.Network.Open(_id, rule);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<ulong> ReadMemoryLimitAsync(CancellationToken cancellationToken) => new(_container.MemoryLimit);

    /// <inheritdoc/>
    public ValueTask<ulong> LimitMemoryAsync(ulong bytes, CancellationToken cancellationToken) =>
        _container.TrySetMemoryLimit(bytes)
            ? new(_container.MemoryLimit)
            : throw new WardenException($"Failed setting memory limit: {_container.MemoryBytes} bytes are in use");

    /// <inheritdoc/>
    public ValueTask LimitDiskAsync(DiskLimits limits, CancellationToken cancellationToken)
    {
        lock (_container.Gate)
        {
            _container.Disk.Limits = limits;
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask LimitBandwidthAsync(BandwidthLimit limit, CancellationToken cancellationToken)
    {
        _backend.Network.Limit(_id, limit);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask LimitCpuAsync(ulong shares, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _shares, shares);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<ulong> ReadCpuLimitAsync(CancellationToken cancellationToken) => new(Volatile.Read(ref _shares));
}
