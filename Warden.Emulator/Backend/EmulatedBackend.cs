using System.Collections.Concurrent;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Network;
using Warden.Emulator.Programs;
using Warden.Spec;
using Warden.Spec.Backend;
using Warden.Spec.Server.Syslog;

namespace Warden.Emulator.Backend;

/// <summary>The emulated machine as the engine sees it. It outlives the servers that use it.</summary>
internal sealed class EmulatedBackend : IBackend, IAsyncDisposable
{
    private readonly HashSet<string> _rootfsPaths;
    private readonly MemoryDepot _depot = new();
    private readonly ConcurrentDictionary<string, EmulatedContainerBackend> _containers = new(StringComparer.Ordinal);
    private volatile BackendSettings? _settings;

    public EmulatedBackend(TimeProvider clock, IEnumerable<string> rootfsPaths)
    {
        Clock = clock;
        Image = new RootImage(Programs);
        _rootfsPaths = [.. rootfsPaths.Select(Normalise)];
        Network = new EmulatedNetwork(clock);
    }

    /// <summary>The machine's clock.</summary>
    public TimeProvider Clock { get; }

    /// <summary>The root filesystem that containers start from.</summary>
    public RootImage Image { get; }

    /// <summary>Where tagged lines go; null where no socket is configured: an emulated host has no syslog daemon.</summary>
    public SyslogSender? Syslog { get; private set; }

    /// <summary>The programs of every container.</summary>
    public ProgramTable Programs { get; } = new();

    /// <summary>The emulated host's network.</summary>
    public EmulatedNetwork Network { get; }

    /// <inheritdoc/>
    public BackendCapabilities Capabilities { get; } = new(new Dictionary<BackendFeature, string>
    {
        [BackendFeature.Console] = "the emulator keeps no console log",
    });

    /// <inheritdoc/>
    public IDepot Depot => _depot;

    /// <inheritdoc/>
    public IHostFacts Host { get; } = new EmulatedHostFacts();

    /// <inheritdoc/>
    public ValueTask StartAsync(BackendSettings settings, CancellationToken cancellationToken)
    {
        var (old, path) = (Syslog, settings.SyslogSocket);
        if (path != _settings?.SyslogSocket)
        {
            Syslog = path is null ? null : new SyslogSender(path);
        }

        _settings = settings;
        Network.Configure(settings);
        return old is null || ReferenceEquals(old, Syslog) ? ValueTask.CompletedTask : old.DisposeAsync();
    }

    /// <inheritdoc/>
    public ValueTask<IContainerBackend> CreateAsync(ContainerSpec spec, CancellationToken cancellationToken)
    {
        var settings = _settings ?? throw new InvalidOperationException("The backend was not started.");
        if (spec.RootfsPath is { } path && !HasRootfs(path, settings))
        {
            throw new WardenException($"rootfs {path} not found");
        }

        spec = spec with { BindMounts = [.. spec.BindMounts.Select(mount => mount with { SourcePath = FindSource(mount.SourcePath) })] };
        var network = Network.AddContainer(spec.Id, spec.HostAddress, spec.ContainerAddress);
        EmulatedContainerBackend container;
        try
        {
            container = new EmulatedContainerBackend(this, spec, settings, network);
        }
        catch
        {
            Network.Remove(spec.Id);
            throw;
        }

        _depot.Add(spec.Id);
        _containers[spec.Id] = container;
        return new(container);
    }

    /// <inheritdoc/>
    public ValueTask<IContainerBackend?> RecoverAsync(ContainerSpec spec, CancellationToken cancellationToken) =>
        new(_containers.TryGetValue(spec.Id, out var container) && !container.InitEnded.IsCompleted ? container : null);

    /// <inheritdoc/>
    public async ValueTask DestroyRemainsAsync(string containerId, CancellationToken cancellationToken)
    {
        if (_containers.TryGetValue(containerId, out var container))
        {
            await container.DestroyAsync(cancellationToken).ConfigureAwait(false);
        }

        _depot.Remove(containerId);
    }

    /// <summary>Forgets a container that was destroyed.</summary>
    public void Remove(string containerId)
    {
        Network.Remove(containerId);
        _containers.TryRemove(containerId, out _);
        _depot.Remove(containerId);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var container in _containers.Values)
        {
            await container.DestroyAsync(CancellationToken.None).ConfigureAwait(false);
        }

        if (Syslog is not null)
        {
            await Syslog.DisposeAsync().ConfigureAwait(false);
        }
    }

    // The client's links are followed here, once.
    private static string FindSource(string path)
    {
        string real;
        try
        {
            real = HostPath.Resolve(path, follow: true);
        }
        catch (IOException e)
        {
            throw new WardenException($"Source path for bind mount {path}: {e.Message}", e);
        }

        return Path.Exists(real) ? real : throw new WardenException($"Source path for bind mount does not exist: {path}");
    }

    private bool HasRootfs(string path, BackendSettings settings)
    {
        var wanted = Normalise(path);
        return wanted == Normalise(settings.RootfsPath ?? WardenEmulatorOptions.DefaultRootfsPath) || _rootfsPaths.Contains(wanted);
    }

    private static string Normalise(string path) => path.Length > 1 ? path.TrimEnd('/') : path;
}
