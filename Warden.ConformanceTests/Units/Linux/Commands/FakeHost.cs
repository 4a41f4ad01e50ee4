using System.Runtime.Versioning;
using Warden.Emulator.Backend;
using Warden.Linux.Commands;
using Warden.Linux.Doctor;
using Warden.Spec.Backend;
using Warden.Spec.Server.Configuration;

namespace Warden.ConformanceTests.Units.Linux.Commands;

/// <summary>A machine whose containers are emulated, so that commands can be tried without root.</summary>
[SupportedOSPlatform("linux")]
internal sealed class FakeHost(string directory) : ILinuxHost
{
    /// <summary>A configuration in the test's directory, with a root filesystem.</summary>
    public WardenConfiguration Configuration { get; } = new()
    {
        Server = new()
        {
            SocketPath = Path.Combine(directory, "w.sock"),
            DepotPath = Path.Combine(directory, "depot"),
            RootfsPath = directory,
        },
        HealthCheck = new() { Port = null },
        Logging = new() { Level = "off" },
    };

    public ConfigurationFile File => new(Configuration, [], new HashSet<string>());

    public string? Obstacle { get; set; }

    /// <summary>The settings of the servers whose traces were removed.</summary>
    public List<BackendSettings> Removed { get; } = [];

    public IReadOnlyCollection<string> Strays { get; set; } = [];

    public List<string> RemovedImages { get; } = [];

    public List<EmulatedBackend> Backends { get; } = [];

    public bool ForwardsPackets { get; set; }

    public void StopForwarding() => ForwardsPackets = false;

    public string? FindObstacle(WardenConfiguration configuration) => Obstacle;

    public HostReport Inspect(WardenConfiguration configuration) => new([]);

    public IBackend MakeBackend()
    {
        Backends.Add(new EmulatedBackend(TimeProvider.System, [directory]));
        return Backends[^1];
    }

    public ValueTask RemoveTracesAsync(BackendSettings settings, CancellationToken cancellationToken)
    {
        Removed.Add(settings);
        return default;
    }

    public ValueTask<IReadOnlyCollection<string>> RemoveStraysAsync(CancellationToken cancellationToken) => new(Strays);

    public void LowerDepotShield(string depotPath)
    {
    }

    public void RemoveDepotImage(string depotPath) => RemovedImages.Add(depotPath);
}
