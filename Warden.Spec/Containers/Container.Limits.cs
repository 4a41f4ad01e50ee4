using Warden.Spec.Backend;

namespace Warden.Spec.Containers;

/// <summary>The container's limits.</summary>
internal sealed partial class Container
{
    private const ulong LeastShares = 2;
    private const ulong MostShares = 262144;

    /// <summary>What an unlimited bandwidth reads.</summary>
    public static readonly BandwidthLimit Unlimited = new(uint.MaxValue, uint.MaxValue);

    private ulong? _memory;
    private ulong? _shares;
    private DiskLimits? _disk;
    private BandwidthLimit? _bandwidth;

    public ValueTask<ulong> ReadMemoryLimitAsync(CancellationToken cancellationToken) => Backend.ReadMemoryLimitAsync(cancellationToken);

    public ValueTask<ulong> LimitMemoryAsync(ulong bytes, CancellationToken cancellationToken) => ChangeAsync(
        async () =>
        {
            var limit = await Backend.LimitMemoryAsync(bytes, _environment.Lifetime).ConfigureAwait(false);
            Set(ref _memory, limit);
            return limit;
        },
        cancellationToken);

    public ValueTask<ulong> ReadCpuLimitAsync(CancellationToken cancellationToken) => Backend.ReadCpuLimitAsync(cancellationToken);

    public ValueTask<ulong> LimitCpuAsync(ulong shares, CancellationToken cancellationToken) => ChangeAsync(
        async () =>
        {
            shares = Math.Clamp(shares, LeastShares, MostShares);
            await Backend.LimitCpuAsync(shares, _environment.Lifetime).ConfigureAwait(false);
            Set(ref _shares, shares);
            return shares;
        },
        cancellationToken);

    public BandwidthLimit ReadBandwidthLimit()
    {
        lock (_lock)
        {
            return _bandwidth ?? Unlimited;
        }
    }

    public ValueTask<BandwidthLimit> LimitBandwidthAsync(BandwidthLimit limit, CancellationToken cancellationToken) => ChangeAsync(
        async () =>
        {
            await Backend.LimitBandwidthAsync(limit, _environment.Lifetime).ConfigureAwait(false);
            Set(ref _bandwidth, limit);
            return limit;
        },
        cancellationToken);

    public DiskLimits ReadDiskLimits()
    {
        lock (_lock)
        {
            return _disk ?? default;
        }
    }

    /// <summary>Changes the limits of disk use.</summary>
    /// <param name="change">Makes the new limits from those in force.</param>
    /// <param name="changesInodes">Whether limits of inodes were asked for.</param>
    /// <param name="cancellationToken">Gives up waiting for another change.</param>
    public ValueTask<DiskLimits> LimitDiskAsync(
        Func<DiskLimits, DiskLimits> change, bool changesInodes, CancellationToken cancellationToken) => ChangeAsync(
        async () =>
        {
            var limits = change(ReadDiskLimits());
            await EnforceAsync(limits, _environment.Lifetime).ConfigureAwait(false);
            Set(ref _disk, limits);
            if (changesInodes && !_environment.Backend.Capabilities.Has(BackendFeature.DiskInodes))
            {
                AddEvent("inode limit is not enforced");
            }

            return limits;
        },
        cancellationToken);

    /// <summary>Has the backend enforce what an earlier server's snapshot says of the disk: what is read back holds.</summary>
    public async ValueTask RestoreDiskLimitsAsync(CancellationToken cancellationToken)
    {
        if (_disk is not { } limits || !_environment.Configuration.Server.DiskQuotaEnabled)
        {
            return;
        }

        try
        {
            await EnforceAsync(limits, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // A depot that limits less than it did takes no container away.
            EngineLog.DiskLimitsNotRestored(_environment.Logger, exception, Handle);
        }
    }

    private async ValueTask EnforceAsync(DiskLimits limits, CancellationToken cancellationToken)
    {
        var capabilities = _environment.Backend.Capabilities;
        if (!capabilities.Has(BackendFeature.DiskInodes))
        {
            limits = limits with { InodeSoft = 0, InodeHard = 0 };
        }

        if (capabilities.Has(BackendFeature.DiskBytes) || capabilities.Has(BackendFeature.DiskInodes))
        {
            await Backend.LimitDiskAsync(limits, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<T> ChangeAsync<T>(Func<ValueTask<T>> change, CancellationToken cancellationToken)
    {
        await Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await change().ConfigureAwait(false);
        }
        finally
        {
            Gate.Release();
        }
    }

    private void Set<T>(ref T? field, T value)
        where T : struct
    {
        lock (_lock)
        {
            field = value;
            _isChanged = true;
        }
    }
}
