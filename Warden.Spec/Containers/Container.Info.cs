using Warden.Spec.Backend;
using Warden.Spec.Containers.Pools;
using Warden.Spec.Protocol;

namespace Warden.Spec.Containers;

/// <summary>What the container tells of itself.</summary>
internal sealed partial class Container
{
    // Set while the container is being removed from its backend, which cannot be asked any more.
    private InfoResponse? _lastInfo;

    /// <summary>Describes the container as it is now.</summary>
    public async ValueTask<InfoResponse> TakeInfoAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _lastInfo) is { } last)
        {
            return last;
        }

        try
        {
            return BuildInfo(await Backend.MeasureAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (Exception exception) when (exception is not OperationCanceledException && Volatile.Read(ref _lastInfo) is not null)
        {
            return _lastInfo!;
        }
    }

    /// <summary>Describes the container at a job's end: a host that cannot measure takes no job's result away.</summary>
    public async ValueTask<InfoResponse> TakeJobInfoAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await TakeInfoAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            EngineLog.MeasureFailed(_environment.Logger, exception, Handle);
            return BuildInfo(null);
        }
    }

    private InfoResponse BuildInfo(ContainerStatistics? statistics)
    {
        var info = new InfoResponse
        {
            HostIp = NetworkPool.ToAddress(Network + 1).ToString(),
            ContainerIp = NetworkPool.ToAddress(Network + 2).ToString(),
            ContainerPath = Backend.Path,
            MemoryStat = InfoStats.Memory(statistics?.Memory ?? []),
            CpuStat = new InfoResponse.Types.CpuStat { Usage = statistics?.CpuNanoseconds ?? 0 },
        };
        if (statistics?.CpuUserTicks is { } user)
        {
            info.CpuStat.User = user;
        }

        if (statistics?.CpuSystemTicks is { } system)
        {
            info.CpuStat.System = system;
        }

        if (_environment.Configuration.Server.DiskQuotaEnabled && statistics is not null
            && (statistics.DiskBytes ?? statistics.DiskInodes) is not null)
        {
            info.DiskStat = new InfoResponse.Types.DiskStat();
            if (statistics.DiskBytes is { } bytes)
            {
                info.DiskStat.BytesUsed = bytes;
            }

            if (statistics.DiskInodes is { } inodes)
            {
                info.DiskStat.InodesUsed = inodes;
            }
        }

        lock (_lock)
        {
            info.State = _state.Name();
            if (_events is not null)
            {
                info.Events.AddRange(_events);
            }

            var bandwidth = _bandwidth ?? Unlimited;
            info.BandwidthStat = new InfoResponse.Types.BandwidthStat
            {
                InRate = bandwidth.Rate,
                InBurst = bandwidth.Burst,
                OutRate = bandwidth.Rate,
                OutBurst = bandwidth.Burst,
            };
            if (_jobs is not null)
            {
                foreach (var job in _jobs.Values)
                {
                    if (job.IsRunning)
                    {
                        info.JobIds.Add(job.Id);
                    }
                }
            }
        }

        return info;
    }
}
