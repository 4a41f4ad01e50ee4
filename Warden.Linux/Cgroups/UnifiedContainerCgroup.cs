using Microsoft.Win32.SafeHandles;
using Warden.Linux.Cgroups.Interop;
using Warden.Linux.Interop;

namespace Warden.Linux.Cgroups;

/// <summary>One container's group of cgroup v2 (Documentation/admin-guide/cgroup-v2.rst).</summary>
internal sealed class UnifiedContainerCgroup : IContainerCgroup
{
    /// <summary>
    /// What was asked for, on the group itself: there are 262143 values of shares and 10000 of weights. It lasts as long as the weight does, over
    /// every restart.
    /// </summary>
    private const string SharesAttribute = "trusted.warden.shares";

    private readonly Lock _lock = new();
    private readonly string _id;
    private readonly CgroupDirectory _group;
    private readonly CgroupOptions _options;
    private readonly string _cpuWeight;
    private readonly string _memoryStat;
    private readonly string _cpuStat;
    private readonly UnifiedMemory _memory;
    private SafeFileHandle? _memoryStatFile;
    private SafeFileHandle? _cpuStatFile;
    private bool _disposed;

    public UnifiedContainerCgroup(string id, CgroupDirectory group, CgroupOptions options)
    {
        _id = id;
        _group = group;
        _options = options;
        _memory = new UnifiedMemory(group);
        _cpuWeight = Path.Combine(group.Path, "cpu.weight");
        _memoryStat = Path.Combine(group.Path, "memory.stat");
        _cpuStat = Path.Combine(group.Path, "cpu.stat");
    }

    /// <inheritdoc/>
    public string MemoryPath => _group.Path;

    /// <inheritdoc/>
    public IReadOnlyList<string> TaskFiles => [];

    /// <inheritdoc/>
    public string UnifiedPath => _group.Path;

    /// <summary>Whether a group has the controllers that containers need.</summary>
    public static bool IsWhole(string group) =>
        File.Exists(Path.Combine(group, UnifiedMemory.LimitFile)) && File.Exists(Path.Combine(group, "cpu.weight"));

    /// <inheritdoc/>
    public void Attach(int processId)
    {
        var text = $"{processId}";
        var path = Path.Combine(_group.Path, "cgroup.procs");
        if (CgroupFile.TryReadText(path)?.Split('\n').Contains(text) != true)
        {
            CgroupFile.Write(path, text);
        }
    }

    /// <inheritdoc/>
    public ulong ReadMemoryLimit() => _memory.Read();

    /// <inheritdoc/>
    public ulong LimitMemory(ulong bytes) => _memory.Set(bytes);

    /// <inheritdoc/>
    public void LimitCpu(ulong shares)
    {
        CgroupFile.Write(_cpuWeight, $"{CpuWeight.FromShares(shares)}");
        var error = CgroupAttribute.TryWriteNumber(_group.Path, SharesAttribute, shares);
        if (error != 0)
        {
            throw new LinuxException("keep the CPU shares on", _group.Path, error);
        }
    }

    /// <inheritdoc/>
    public ulong ReadCpu()
    {
        // The weight is what is in force, and an operator may have changed it.
        var weight = CgroupFile.ReadNumber(_cpuWeight);
        return CgroupAttribute.TryReadNumber(_group.Path, SharesAttribute) is { } shares && CpuWeight.FromShares(shares) == weight
            ? shares
            : CpuWeight.ToShares(weight);
    }

    /// <inheritdoc/>
    public CgroupUsage Measure()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);

            // memory.stat has about 60 lines; none is longer than 50 bytes.
            Span<byte> buffer = stackalloc byte[8192];
            _memoryStatFile ??= CgroupFile.Open(_memoryStat);
            var text = buffer[..CgroupFile.Read(_memoryStatFile, _memoryStat, buffer)];
            var (limit, swapLimit) = _memory.ReadHierarchy();
            var memory = UnifiedStatistics.Memory(text, _memory.ReadSwapUsage(), limit, swapLimit);
            _cpuStatFile ??= CgroupFile.Open(_cpuStat);
            return UnifiedStatistics.Cpu(buffer[..CgroupFile.Read(_cpuStatFile, _cpuStat, buffer)]) with { Memory = memory };
        }
    }

    /// <inheritdoc/>
    public void Thaw() => new CgroupProcesses([_group]).Thaw();

    /// <inheritdoc/>
    public void KillAllBut(int processId) => new CgroupProcesses([_group]).KillAllBut(processId);

    /// <inheritdoc/>
    public async ValueTask RemoveAsync(CancellationToken cancellationToken)
    {
        Dispose();
        if (CgroupRemoval.TryRemoveEmpty([_group]))
        {
            return;
        }

        // The wait for processes to end blocks its thread.
        await Task.Run(() => CgroupRemoval.Remove(_id, [_group], _options.EndWithin), CancellationToken.None)
            .WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _memoryStatFile?.Dispose();
            _cpuStatFile?.Dispose();
        }
    }
}
