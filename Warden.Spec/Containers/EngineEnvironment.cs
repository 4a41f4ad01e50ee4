using Microsoft.Extensions.Logging;
using Warden.Spec.Backend;
using Warden.Spec.Server.Configuration;

namespace Warden.Spec.Containers;

/// <summary>What every part of one engine works with.</summary>
internal sealed class EngineEnvironment : IDisposable
{
    private readonly Lock _counters = new();
    private readonly CancellationTokenSource _lifetime = new();
    private volatile bool _crashed;

    public EngineEnvironment(WardenConfiguration configuration, IBackend backend, TimeProvider time, ILogger logger, EngineMeters meters)
    {
        Configuration = configuration;
        Backend = backend;
        Time = time;
        Logger = logger;
        Meters = meters;
        Lifetime = _lifetime.Token;
    }

    public WardenConfiguration Configuration { get; }

    public IBackend Backend { get; }

    public IDepot Depot => Backend.Depot;

    public TimeProvider Time { get; }

    public ILogger Logger { get; }

    public EngineMeters Meters { get; }

    /// <summary>Cancelled when the engine ends; what goes on in the background stops then, and its containers stay.</summary>
    public CancellationToken Lifetime { get; }

    /// <summary>Whether the engine was dropped: it writes nothing to the depot any more.</summary>
    public bool Crashed => _crashed;

    /// <summary>Writes a counter into the depot unless the engine was dropped.</summary>
    public void WriteCounter(string name, ulong value)
    {
        lock (_counters)
        {
            if (!_crashed)
            {
                Depot.WriteCounter(name, value);
            }
        }
    }

    /// <summary>From now on nothing is written.</summary>
    public void Crash()
    {
        lock (_counters)
        {
            _crashed = true;
        }
    }

    /// <summary>Ends what goes on in the background.</summary>
    public void End() => _lifetime.Cancel();

    public void Dispose()
    {
        End();
        _lifetime.Dispose();
    }
}
