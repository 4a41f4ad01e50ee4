using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Warden.Spec.Backend;
using Warden.Spec.Commands;
using Warden.Spec.Server.Configuration;

namespace Warden.Spec.Containers;

/// <summary>
/// The engine of a server: containers, their states, ids, pools, timers, jobs and snapshots, over any backend. One lifetime of a server
/// is one engine; what it made outlives it in the backend.
/// </summary>
public sealed class WardenEngine : ICommandEngine, IAsyncDisposable
{
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
    }

    /// <summary>Starts the backend, checks the pools and takes over the containers of earlier servers. Called once, before anything else.</summary>
    /// <param name="cancellationToken">Gives the start up.</param>
    /// <exception cref="WardenException">The configuration, the depot or the host refuses the start.</exception>
    public Task StartAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <inheritdoc/>
    public ICommandSession OpenSession() => throw new NotSupportedException();

    /// <summary>
    /// Stops the timers; from now on none starts. A draining server calls this before it closes connections, so that a closed connection
    /// does not start a grace time.
    /// </summary>
    public void BeginDrain() => throw new NotSupportedException();

    /// <summary>
    /// Ends this engine and leaves its containers in place: stops the timers and writes every container's snapshot. Called when the
    /// requests in work have been answered.
    /// </summary>
    public Task DrainAsync() => throw new NotSupportedException();

    /// <summary>Drops everything at once, as a server that is killed does: no snapshot, no timer and no counter is written afterwards.</summary>
    public void Crash() => throw new NotSupportedException();

    /// <summary>Releases what the engine holds of the process; containers stay. Without a drain before, it is a crash.</summary>
    public ValueTask DisposeAsync() => throw new NotSupportedException();
}
