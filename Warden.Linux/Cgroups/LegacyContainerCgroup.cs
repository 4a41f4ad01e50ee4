using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;
using Warden.Linux.Cgroups.Interop;

namespace Warden.Linux.Cgroups;

/// <summary>One container's groups in the hierarchies of cgroup v1, and in that of v2 where it is mounted too.</summary>
internal sealed class LegacyContainerCgroup : IContainerCgroup
{
    // What is measured again and again stays open once it has been: the paths are long and the files small.
    private readonly Lock _lock = new();
    private readonly string _id;
    private readonly IReadOnlyList<CgroupDirectory> _groups;
    private readonly CgroupOptions _options;
    private readonly string _cpuShares;
    private readonly string _memoryStat;
    private readonly string _cpuUsage;
    private readonly string _cpuStat;
    private readonly MemoryGroup _memory;
    private SafeFileHandle? _memoryStatFile;
    private SafeFileHandle? _cpuUsageFile;
    private SafeFileHandle? _cpuStatFile;
    private bool _disposed;

    public LegacyContainerCgroup(string id, IReadOnlyList<CgroupDirectory> groups, CgroupOptions options)
    {
        _id = id;
        _groups = groups;
        _options = options;
        UnifiedPath = groups.Where(group => group.Hierarchy.Unified).Select(group => group.Path).FirstOrDefault();
        TaskFiles = [.. groups.Where(group => !group.Hierarchy.Unified).Select(group => Path.Combine(group.Path, "tasks"))];
        MemoryPath = PathOf("memory");
        _memory = new MemoryGroup(MemoryPath);
        _memoryStat = Path.Combine(MemoryPath, "memory.stat");
        _cpuShares = Path.Combine(PathOf("cpu"), "cpu.shares");
        _cpuUsage = Path.Combine(PathOf("cpuacct"), "cpuacct.usage");
        _cpuStat = Path.Combine(PathOf("cpuacct"), "cpuacct.stat");
    }

    /// <inheritdoc/>
    public string MemoryPath { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> TaskFiles { get; }

    /// <inheritdoc/>
    public string? UnifiedPath { get; }

    /// <inheritdoc/>
    public void Attach(int processId)
    {
        var text = $"{processId}";
        foreach (var group in _groups)
        {
            var path = Path.Combine(group.Path, "cgroup.procs");
            if (CgroupFile.TryReadText(path)?.Split('\n').Contains(text) != true)
            {
                CgroupFile.Write(path, text);
            }
        }
    }

    /// <inheritdoc/>
    public ulong ReadMemoryLimit() => _memory.Read();

    /// <inheritdoc/>
    public ulong LimitMemory(ulong bytes) => _memory.Set(bytes);

    /// <inheritdoc/>
    public void LimitCpu(ulong shares) => CgroupFile.Write(_cpuShares, $"{shares}");

    /// <inheritdoc/>
    public ulong ReadCpu() => CgroupFile.ReadNumber(_cpuShares);

    /// <inheritdoc/>
    public CgroupUsage Measure()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);

            // memory.stat has about 40 lines; none is longer than 50 bytes.
            Span<byte> buffer = stackalloc byte[4096];
            _memoryStatFile ??= CgroupFile.Open(_memoryStat);
            var memory = MemoryStatistics.Parse(buffer[..CgroupFile.Read(_memoryStatFile, _memoryStat, buffer)]);
            _cpuUsageFile ??= CgroupFile.Open(_cpuUsage);
            var nanoseconds = CgroupFile.ReadNumber(_cpuUsageFile, _cpuUsage);
            _cpuStatFile ??= CgroupFile.Open(_cpuStat);
            var ticks = buffer[..CgroupFile.Read(_cpuStatFile, _cpuStat, buffer)];
            return new CgroupUsage(memory, nanoseconds, ReadTicks(ticks, "user "u8), ReadTicks(ticks, "system "u8));
        }
    }

    /// <inheritdoc/>
    public void Thaw() => new CgroupProcesses(_groups).Thaw();

    /// <inheritdoc/>
    public void KillAllBut(int processId) => new CgroupProcesses(_groups).KillAllBut(processId);

    /// <inheritdoc/>
    public async ValueTask RemoveAsync(CancellationToken cancellationToken)
    {
        Dispose();
        if (CgroupRemoval.TryRemoveEmpty(_groups))
        {
            return;
        }

        // The wait for processes to end blocks its thread.
        await Task.Run(() => CgroupRemoval.Remove(_id, _groups, _options.EndWithin), CancellationToken.None)
            .WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _memoryStatFile?.Dispose();
            _cpuUsageFile?.Dispose();
            _cpuStatFile?.Dispose();
        }
    }

    private static ulong? ReadTicks(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name)
    {
        var start = text.IndexOf(name);
        return start >= 0 && Utf8Parser.TryParse(text[(start + name.Length)..], out ulong value, out _) ? value : null;
    }

    private string PathOf(string controller) => _groups.First(group => !group.Hierarchy.Unified && group.Hierarchy.Controllers.Contains(controller)).Path;
}
