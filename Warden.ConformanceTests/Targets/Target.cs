using Warden.Spec.Clauses;
using Xunit;

namespace Warden.ConformanceTests.Targets;

/// <summary>A server under test: how it is started, and what it cannot offer, with the reason.</summary>
public abstract class Target
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private WardenServer? _shared;

    /// <summary>The targets that every specification needs a subclass for. The Linux server joins this list with its own target.</summary>
    public static IReadOnlyList<Target> All { get; } = [EmulatorProcessTarget.Instance, EmulatorInProcessTarget.Instance, ExternalTarget.Instance];

    /// <summary>The name in reports, with which the names of its test classes begin.</summary>
    public abstract string Name { get; }

    /// <summary>Why nothing can be judged on this target, or null.</summary>
    public virtual string? Unavailable => null;

    /// <summary>Why the target cannot offer one of these needs, or null when it offers all.</summary>
    public abstract string? Lacks(ClauseNeeds needs);

    /// <summary>Starts a server of the test's own.</summary>
    public abstract Task<WardenServer> StartAsync(ServerOptions options);

    /// <summary>
    /// Starts a server that must refuse to, and returns what it says.
    /// </summary>
    public abstract Task<string> RefuseAsync(ServerOptions options);

    /// <summary>
    /// The server that tests without a configuration of their own share: pools wide enough for tests in parallel, and no rest of networks.
    /// </summary>
    public virtual async Task<WardenServer> SharedAsync()
    {
        await _gate.WaitAsync();
        try
        {
            return _shared ??= await StartAsync(new ServerOptions(ServerOptions.WidePools));
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Ends the shared server, at the end of the run.</summary>
    public virtual async Task EndAsync()
    {
        if (Interlocked.Exchange(ref _shared, null) is { } server)
        {
            await server.DisposeAsync();
        }
    }

    /// <summary>Skips the running test unless the target offers what it needs.</summary>
    public void Need(ClauseNeeds needs)
    {
        Skip.If(Unavailable is not null, Unavailable);
        var reason = Lacks(needs);
        Skip.If(reason is not null, reason);
    }
}
