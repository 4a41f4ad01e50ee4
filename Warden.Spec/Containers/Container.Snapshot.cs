using System.Globalization;
using System.Text.Json;
using Warden.Spec.Backend;
using Warden.Spec.Containers.Jobs;
using Warden.Spec.Containers.Pools;
using Warden.Spec.Containers.Snapshots;

namespace Warden.Spec.Containers;

/// <summary>What the container keeps in the depot.</summary>
internal sealed partial class Container
{
    private readonly Lock _saving = new();
    private bool _isChanged;

    // While the container is removed from its backend a late snapshot would bring its directory back.
    private bool _savesNothing;

    /// <summary>Writes the snapshot when something changed since the last one. When it returns, the present state is in the depot.</summary>
    /// <param name="always">Write it even when nothing changed.</param>
    public void Save(bool always = false)
    {
        lock (_saving)
        {
            if (_savesNothing || _environment.Crashed)
            {
                return;
            }

            ContainerSnapshot snapshot;
            lock (_lock)
            {
                if (!_isChanged && !always)
                {
                    return;
                }

                snapshot = ToSnapshot();
                _isChanged = false;
            }

            try
            {
                _environment.Depot.WriteSnapshot(
                    Id, JsonSerializer.SerializeToUtf8Bytes(snapshot, SnapshotJson.Default.ContainerSnapshot));
            }
            catch
            {
                lock (_lock)
                {
                    _isChanged = true;
                }

                throw;
            }
        }
    }

    /// <summary>Writes the snapshot where no request can be told of a failure.</summary>
    public void TrySave()
    {
        try
        {
            Save();
        }
        catch (Exception exception)
        {
            EngineLog.SnapshotFailed(_environment.Logger, exception, Handle);
        }
    }

    /// <summary>Returns when no snapshot is being written any more.</summary>
    public void AwaitSave()
    {
        lock (_saving)
        {
        }
    }

    /// <summary>Takes up what an earlier server left.</summary>
    public async ValueTask RecoverAsync(ContainerSnapshot snapshot, IContainerBackend backend, CancellationToken cancellationToken)
    {
        _backend = backend;
        _state = ContainerStates.Recoverable(snapshot.State)
            ?? throw new ArgumentException("The snapshot's state is none that is recovered.", nameof(snapshot));
        _events = snapshot.Events.Length > 0 ? [.. snapshot.Events] : null;
        _memory = snapshot.Limits.MemoryInBytes;
        _shares = snapshot.Limits.CpuInShares;
        _disk = snapshot.Limits.Disk is { } disk
            ? new DiskLimits(disk.BlockSoft, disk.BlockHard, disk.InodeSoft, disk.InodeHard)
            : null;
        _bandwidth = snapshot.Limits.Bandwidth is { } bandwidth ? new BandwidthLimit(bandwidth.Rate, bandwidth.Burst) : null;
        var resources = snapshot.Resources;
        _rules = resources.NetOut.Length > 0 ? [.. resources.NetOut.Select(SnapshotRules.Read)] : null;
        await RecoverJobsAsync(
            snapshot.Jobs.Select(entry => new Job(
                uint.Parse(entry.Key, CultureInfo.InvariantCulture), entry.Value.Privileged, entry.Value.DiscardOutput, entry.Value.LogTag)),
            snapshot.LastJobId,
            cancellationToken).ConfigureAwait(false);
        Watch();

        // A server that ended in the middle of a stop leaves the rest of it to this one.
        if (_state == ContainerState.Stopped)
        {
            BeginStop(kill: false);
        }
    }

    private void SuspendSnapshots(bool suspended)
    {
        lock (_saving)
        {
            _savesNothing = suspended;
        }
    }

    private ContainerSnapshot ToSnapshot() => new()
    {
        Version = ContainerSnapshot.CurrentVersion,
        State = _state.Name(),
        GraceTime = Grace.Length?.TotalSeconds,
        Events = _events?.ToArray() ?? [],
        Jobs = _jobs?.ToDictionary(
            entry => entry.Key.ToString(CultureInfo.InvariantCulture),
            entry => new JobSnapshot
            {
                Privileged = entry.Value.Privileged,
                DiscardOutput = entry.Value.DiscardOutput,
                LogTag = entry.Value.LogTag,
            }) ?? [],
        LastJobId = _lastJobId,
        Limits = new LimitsSnapshot
        {
            MemoryInBytes = _memory,
            CpuInShares = _shares,
            Disk = _disk is { } disk ? new DiskSnapshot(disk.BlockSoft, disk.BlockHard, disk.InodeSoft, disk.InodeHard) : null,
            Bandwidth = _bandwidth is { } bandwidth ? new BandwidthSnapshot(bandwidth.Rate, bandwidth.Burst) : null,
        },
        Resources = new ResourcesSnapshot
        {
            Handle = Handle,
            ContainerId = Id,
            Network = NetworkPool.ToAddress(Network).ToString(),
            Uid = UserId,
            Ports = _poolPorts?.ToArray() ?? [],
            NetIn = _forwarded?.Select(pair => (int[])[pair.Host, pair.Container]).ToArray() ?? [],
            NetOut = _rules?.Select(SnapshotRules.Write).ToArray() ?? [],
            Rootfs = _rootfs,
            BindMounts = [.. _bindMounts.Select(mount => new BindMountSnapshot(mount.SourcePath, mount.TargetPath, mount.Writable))],
        },
    };
}
