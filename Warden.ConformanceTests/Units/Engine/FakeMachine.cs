using System.Collections.Concurrent;
using System.Text;
using Warden.Spec;
using Warden.Spec.Backend;

namespace Warden.ConformanceTests.Units.Engine;

/// <summary>A backend whose jobs do what the test says. It outlives the engines that use it.</summary>
internal sealed class FakeMachine : IBackend, IDepot, IHostFacts
{
    private readonly ConcurrentDictionary<string, ulong> _counters = new();

    public ConcurrentDictionary<string, FakeContainer> Containers { get; } = new();

    public ConcurrentDictionary<string, byte[]> Snapshots { get; } = new();

    public ConcurrentDictionary<string, bool> Markers { get; } = new();

    public ConcurrentQueue<string> DestroyedRemains { get; } = new();

    public Exception? CreateFails { get; set; }

    public string? RecoverFails { get; set; }

    public Exception? CounterFails { get; set; }

    public BackendCapabilities Capabilities { get; set; } = new();

    public IDepot Depot => this;

    public IHostFacts Host => this;

    public IReadOnlyCollection<uint> UserIds { get; set; } = [0, 1, 65534];

    public int FirstFreePort { get; set; } = 61001;

    public FakeJob Job(uint id) => Containers.Values.SelectMany(container => container.Jobs.Values).Single(job => job.Id == id);

    public ValueTask StartAsync(BackendSettings settings, CancellationToken cancellationToken) => default;

    public async ValueTask<IContainerBackend> CreateAsync(ContainerSpec spec, CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (CreateFails is { } failure)
        {
            throw failure;
        }

        var container = new FakeContainer(this, spec);
        Containers[spec.Id] = container;
        Markers[spec.Id] = true;
        return container;
    }

    public ValueTask<IContainerBackend?> RecoverAsync(ContainerSpec spec, CancellationToken cancellationToken) =>
        spec.Id == RecoverFails ? throw new InvalidOperationException("The host refuses.")
        : ValueTask.FromResult<IContainerBackend?>(Containers.TryGetValue(spec.Id, out var found) && found.InitIsAlive ? found : null);

    public Exception? DestroyRemainsFails { get; set; }

    public ValueTask DestroyRemainsAsync(string containerId, CancellationToken cancellationToken)
    {
        if (DestroyRemainsFails is { } failure)
        {
            throw failure;
        }

        DestroyedRemains.Enqueue(containerId);
        Remove(containerId);
        return default;
    }

    public void Remove(string id)
    {
        Containers.TryRemove(id, out _);
        Snapshots.TryRemove(id, out _);
        Markers.TryRemove(id, out _);
    }

    public IReadOnlyList<string> Entries() => [.. Snapshots.Keys.Union(Markers.Keys)];

    public bool HasMarker(string containerId) => Markers.ContainsKey(containerId);

    public byte[]? ReadSnapshot(string containerId) => Snapshots.GetValueOrDefault(containerId);

    public void WriteSnapshot(string containerId, ReadOnlyMemory<byte> content) => Snapshots[containerId] = content.ToArray();

    public ulong ReadCounter(string name) => _counters.GetValueOrDefault(name);

    public void WriteCounter(string name, ulong value) => _counters[name] = CounterFails is { } failure ? throw failure : value;
}

internal sealed class FakeContainer(FakeMachine machine, ContainerSpec spec) : IContainerBackend
{
    private readonly TaskCompletionSource _outOfMemory = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _initEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ulong _memory = ContainerStatistics.UnlimitedMemory;
    private ulong _shares = 1024;

    public ContainerSpec Spec => spec;

    public ConcurrentDictionary<uint, FakeJob> Jobs { get; } = new();

    public ConcurrentQueue<StopSignal> Signals { get; } = new();

    public ConcurrentQueue<NetOutRule> Rules { get; } = new();

    public ConcurrentQueue<(int Host, int Container)> Ports { get; } = new();

    public DiskLimits Disk { get; set; }

    public Exception? LimitDiskFails { get; set; }

    public Exception? DestroyFails { get; set; }

    public Exception? StartFails { get; set; }

    public Action? OnForward { get; set; }

    public Action? OnDestroy { get; set; }

    public bool InitIsAlive { get; set; } = true;

    public string Path => "/depot/" + spec.Id;

    public Task OutOfMemory => _outOfMemory.Task;

    public Task InitEnded => _initEnded.Task;

    public void RunOutOfMemory() => _outOfMemory.SetResult();

    public void EndInit() => _initEnded.SetResult();

    public ValueTask<ContainerStatistics> MeasureAsync(CancellationToken cancellationToken) =>
        machine.Containers.ContainsKey(spec.Id)
            ? ValueTask.FromResult(new ContainerStatistics { Memory = [new("total_rss", 4096), new("cache", 7)], CpuNanoseconds = 5, DiskBytes = 11 })
            : throw new InvalidOperationException("The container is gone.");

    public async ValueTask DestroyAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (DestroyFails is { } failure)
        {
            throw failure;
        }

        foreach (var job in Jobs.Values)
        {
            job.Finish(255);
        }

        machine.Remove(spec.Id);
        OnDestroy?.Invoke();
    }

    public async ValueTask<IBackendJob> StartJobAsync(JobSpec job, CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (StartFails is { } failure)
        {
            throw failure;
        }

        return Jobs[job.Id] = new FakeJob(this, job);
    }

    public ValueTask<IBackendJob?> FindJobAsync(uint jobId, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IBackendJob?>(Jobs.GetValueOrDefault(jobId));

    public ValueTask SignalAllAsync(StopSignal signal, CancellationToken cancellationToken)
    {
        Signals.Enqueue(signal);
        foreach (var job in Jobs.Values.Where(job => signal == StopSignal.Kill || !job.IgnoresTerm))
        {
            job.Finish(255);
        }

        return default;
    }

    public async ValueTask WaitUntilIdleAsync(CancellationToken cancellationToken) =>
        await Task.WhenAll(Jobs.Values.Select(job => job.Ended)).WaitAsync(cancellationToken);

    public ValueTask CopyInAsync(string sourcePath, string destinationPath, CancellationToken cancellationToken) => default;

    public ValueTask CopyOutAsync(string sourcePath, string destinationPath, string? owner, CancellationToken cancellationToken) => default;

    public ValueTask ForwardPortAsync(int hostPort, int containerPort, CancellationToken cancellationToken)
    {
        Ports.Enqueue((hostPort, containerPort));
        OnForward?.Invoke();
        return default;
    }

    public ValueTask OpenAsync(NetOutRule rule, CancellationToken cancellationToken)
    {
        Rules.Enqueue(rule);
        return default;
    }

    public ValueTask<ulong> ReadMemoryLimitAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_memory);

    public ValueTask<ulong> LimitMemoryAsync(ulong bytes, CancellationToken cancellationToken) =>
        bytes < 4096
            ? throw new WardenException("Failed setting memory limit: more is in use")
            : ValueTask.FromResult(_memory = (bytes + 4095) / 4096 * 4096);

    public ValueTask LimitDiskAsync(DiskLimits limits, CancellationToken cancellationToken)
    {
        Disk = LimitDiskFails is { } failure ? throw failure : limits;
        return default;
    }

    public ValueTask LimitBandwidthAsync(BandwidthLimit limit, CancellationToken cancellationToken) => default;

    public ValueTask LimitCpuAsync(ulong shares, CancellationToken cancellationToken)
    {
        _shares = shares;
        return default;
    }

    public ValueTask<ulong> ReadCpuLimitAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_shares);
}

/// <summary>A job that runs until the test or a signal ends it; the scripts "true" and "print TEXT" end by themselves.</summary>
internal sealed class FakeJob : IBackendJob, IJobOutput
{
    private readonly FakeContainer _container;
    private readonly TaskCompletionSource<JobEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<(OutputStream Stream, byte[] Data)> _chunks = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FakeJob(FakeContainer container, JobSpec spec)
    {
        _container = container;
        Spec = spec;
        var script = Encoding.UTF8.GetString(spec.Script.Span);
        IgnoresTerm = script == "stubborn";
        if (script.StartsWith("print ", StringComparison.Ordinal))
        {
            Write(OutputStream.Stdout, script["print ".Length..]);
            Finish(0);
        }
        else if (script == "true")
        {
            Finish(0);
        }
    }

    public JobSpec Spec { get; }

    public uint Id => Spec.Id;

    public bool IgnoresTerm { get; }

    public Task<JobEnd> Ended => _ended.Task;

    public IJobOutput Output => this;

    public void Write(OutputStream stream, string text) => Write(stream, Encoding.UTF8.GetBytes(text));

    public void Write(OutputStream stream, byte[] data)
    {
        lock (_chunks)
        {
            _chunks.Add((stream, data));
            Wake();
        }
    }

    public void Finish(int status, bool outputLimitExceeded = false)
    {
        lock (_chunks)
        {
            _ended.TrySetResult(new JobEnd(status, outputLimitExceeded));
            Wake();
        }
    }

    public void Forget() => _container.Jobs.TryRemove(Id, out _);

    public async ValueTask<OutputChunk> ReadAsync(OutputPosition position, int maxBytes, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task more;
            lock (_chunks)
            {
                var offset = position.Value;
                foreach (var (stream, data) in _chunks)
                {
                    if (offset < data.Length)
                    {
                        var length = (int)Math.Min(maxBytes, data.Length - offset);
                        return new OutputChunk(
                            stream, data.AsMemory((int)offset, length), new OutputPosition(position.Value + length));
                    }

                    offset -= data.Length;
                }

                if (_ended.Task.IsCompleted)
                {
                    return new OutputChunk(OutputStream.Stdout, default, position);
                }

                more = _more.Task;
            }

            await more.WaitAsync(cancellationToken);
        }
    }

    private void Wake()
    {
        _more.TrySetResult();
        _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
