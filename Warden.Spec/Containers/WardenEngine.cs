using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Warden.Spec.Backend;
using Warden.Spec.Commands;
using Warden.Spec.Containers.Grace;
using Warden.Spec.Containers.Jobs;
using Warden.Spec.Containers.Pools;
using Warden.Spec.Server.Configuration;

namespace Warden.Spec.Containers;

/// <summary>
/// The engine of a server: containers, their states, ids, pools, timers, jobs and snapshots, over any backend. One lifetime of a server
/// is one engine; what it made outlives it in the backend.
/// </summary>
public sealed partial class WardenEngine : ICommandEngine, IAsyncDisposable
{
    private readonly EngineEnvironment _environment;
    private readonly ContainerRegistry _registry = new();
    private readonly GraceKeeper _keeper;
    private readonly HashSet<Task> _background = [];
    private ResourcePools? _pools;
    private ContainerIds? _ids;
    private JobIds? _jobIds;
    private bool _ended;

    /// <summary>Creates an engine that has not started.</summary>
    /// <param name="configuration">The server's configuration.</param>
    /// <param name="backend">What makes containers.</param>
    /// <param name="timeProvider">Drives every timer and delay.</param>
    /// <param name="loggerFactory">Takes the logs.</param>
    /// <param name="meterFactory">Makes the meter "Warden"; null for one of the engine's own.</param>
    public WardenEngine(
        WardenConfiguration configuration, IBackend backend, TimeProvider timeProvider, ILoggerFactory loggerFactory,
        IMeterFactory? meterFactory = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(timeProvider);
        ArgumentNullException.ThrowIfNull(loggerFactory);
        _environment = new EngineEnvironment(
            configuration, backend, timeProvider, loggerFactory.CreateLogger("Warden.Engine"), new EngineMeters(meterFactory));
        _keeper = new GraceKeeper(timeProvider);
        JobDefaults = new JobDefaults(configuration.Server);
    }

    internal EngineEnvironment Environment => _environment;

    internal ContainerRegistry Registry => _registry;

    internal GraceKeeper Keeper => _keeper;

    internal JobDefaults JobDefaults { get; }

    internal ResourcePools Pools => _pools ?? throw NotStarted();

    internal JobIds JobIds => _jobIds ?? throw NotStarted();

    /// <summary>Starts the backend, checks the pools and takes over the containers of earlier servers. Called once, before anything else.</summary>
    /// <param name="cancellationToken">Gives the start up.</param>
    /// <exception cref="WardenException">The configuration, the depot or the host refuses the start.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var backend = _environment.Backend;
        await backend.StartAsync(_environment.Configuration.ToBackendSettings(), cancellationToken).ConfigureAwait(false);
        _pools = new ResourcePools(_environment.Configuration, backend.Host, _environment.Time);
        var entries = backend.Depot.Entries();
        _ids = new ContainerIds(_environment, entries);
        _jobIds = new JobIds(_environment);
        await new Recovery(_environment, _pools, _registry, _keeper, _jobIds, ExpireInBackground, RetryLater)
            .RunAsync(entries, cancellationToken).ConfigureAwait(false);
        EngineLog.Started(_environment.Logger, _registry.Count);
    }

    /// <inheritdoc/>
    public ICommandSession OpenSession() => new CommandSession(this, _keeper.Open());

    /// <summary>
    /// Stops the timers; from now on none starts. A draining server calls this before it closes connections, so that a closed connection
    /// does not start a grace time.
    /// </summary>
    public void BeginDrain() => _keeper.Stop();

    /// <summary>
    /// Ends this engine and leaves its containers in place: stops the timers and writes every container's snapshot. Called when the
    /// requests in work have been answered.
    /// </summary>
    public async Task DrainAsync()
    {
        if (_ended)
        {
            return;
        }

        _ended = true;
        _keeper.Stop();
        _environment.End();
        Task[] background;
        lock (_background)
        {
            background = [.. _background];
        }

        await Task.WhenAll(background).ConfigureAwait(false);
        var containers = _registry.All();
        foreach (var container in containers)
        {
            try
            {
                container.Save(always: true);
            }
            catch (Exception exception)
            {
                EngineLog.SnapshotFailed(_environment.Logger, exception, container.Handle);
            }
        }

        _jobIds?.Keep();
        _environment.Meters.Clear();
        EngineLog.Drained(_environment.Logger, containers.Length);
    }

    /// <summary>Drops everything at once, as a server that is killed does: no snapshot, no timer and no counter is written afterwards.</summary>
    public void Crash()
    {
        _ended = true;
        _environment.Crash();
        _keeper.Stop();
        _environment.End();
        foreach (var container in _registry.All())
        {
            container.AwaitSave();
        }

        _environment.Meters.Clear();
    }

    /// <summary>Releases what the engine holds of the process; containers stay. Without a drain before, it is a crash.</summary>
    public ValueTask DisposeAsync()
    {
        if (!_ended)
        {
            Crash();
        }

        _keeper.Dispose();
        _environment.Meters.Dispose();
        _environment.Dispose();
        return ValueTask.CompletedTask;
    }

    private static InvalidOperationException NotStarted() => new("The engine has not been started.");
}
