using Warden.Spec;
using Warden.Spec.Backend;

namespace Warden.ConformanceTests.Units.Server;

/// <summary>A backend that makes no container: for what a server does without one.</summary>
internal sealed class BareBackend : IBackend, IDepot, IHostFacts
{
    private readonly Dictionary<string, ulong> _counters = [];

    public BackendCapabilities Capabilities { get; } = new();

    public IDepot Depot => this;

    public IHostFacts Host => this;

    public IReadOnlyCollection<uint> UserIds => [0];

    public int FirstFreePort => 61001;

    public int Starts { get; private set; }

    public ValueTask StartAsync(BackendSettings settings, CancellationToken cancellationToken)
    {
        Starts++;
        return default;
    }

    public ValueTask<IContainerBackend> CreateAsync(ContainerSpec spec, CancellationToken cancellationToken) =>
        throw new WardenException("no containers here");

    public ValueTask<IContainerBackend?> RecoverAsync(ContainerSpec spec, CancellationToken cancellationToken) => default;

    public ValueTask DestroyRemainsAsync(string containerId, CancellationToken cancellationToken) => default;

    public IReadOnlyList<string> Entries() => [];

    public bool HasMarker(string containerId) => false;

    public byte[]? ReadSnapshot(string containerId) => null;

    public void WriteSnapshot(string containerId, ReadOnlyMemory<byte> content)
    {
    }

    public ulong ReadCounter(string name) => _counters.GetValueOrDefault(name);

    public void WriteCounter(string name, ulong value) => _counters[name] = value;
}
