using Warden.Spec.Clauses;
using Xunit;

namespace Warden.ConformanceTests.Targets;

/// <summary>A server under test: how it is started, and what it cannot offer, with the reason.</summary>
public abstract class Target
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private WardenServer? _shared;

    /// <summary>The targets that every specification needs a subclass for.</summary>
    public static IReadOnlyList<Target> All { get; } =
        [EmulatorProcessTarget.Instance, EmulatorInProcessTarget.Instance, LinuxTarget.Instance, DockerTarget.Instance, ExternalTarget.Instance];

    /// <summary>The name in reports, with which the names of its test classes begin.</summary>
    public abstract string Name { get; }

    /// <summary>The executable: the target's own, or one whose client is used against the target's socket.</summary>
    public virtual TargetExecutable Executable => EmulatorExecutable.Instance;

    /// <summary>How many servers run at once in the test of many: WARDEN_MANY, or what machines of any size bear.</summary>
    public int Many => int.TryParse(Environment.GetEnvironmentVariable("WARDEN_MANY"), out var many) ? many : UsuallyMany;

    protected virtual int UsuallyMany => 100;

    /// <summary>Why nothing can be judged on this target, or null.</summary>
    public virtual string? Unavailable => null;

    /// <summary>Why the target cannot offer one of these needs, or null when it offers all.</summary>
    public abstract string? Lacks(ClauseNeeds needs);

    /// <summary>The root filesystem that the configuration must name, where it must name one.</summary>
    public virtual string? RootfsPath => Environment.GetEnvironmentVariable("WARDEN_ROOTFS");

    /// <summary>A second root filesystem, with another etc/debian_version, where there is one.</summary>
    public virtual Task<string?> OtherRootfsAsync() => Task.FromResult(Environment.GetEnvironmentVariable("WARDEN_OTHER_ROOTFS"));

    /// <summary>Why the target's depot cannot limit disk space, or null where it can.</summary>
    public virtual Task<string?> WithoutDiskLimitsAsync() => Task.FromResult<string?>(null);

    /// <summary>Whether root's own writes count for a container's disk limit, as the kernel has no other measure there; the reason, or null.</summary>
    public virtual Task<string?> CountsRootsWritesAsync() => Task.FromResult<string?>(null);

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
