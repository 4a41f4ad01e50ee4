using System.Net.Sockets;
using Bogus;
using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Wire;
using Warden.Spec.Clauses;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>
/// What every specification stands on: a target, connections and containers that are gone after each test, servers of the test's own.
/// </summary>
public abstract partial class Specification : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _resources = [];
    private readonly List<(WardenServer Server, string Handle)> _containers = [];
    private TemporaryDirectory? _directory;

    protected Specification(Target target)
    {
        Target = target;
        Faker = Seed.For(GetType().Name);
    }

    protected Target Target { get; }

    /// <summary>Random data, the same for the same seed.</summary>
    protected Faker Faker { get; }

    /// <summary>A directory of the host, made at its first use.</summary>
    protected TemporaryDirectory Host => _directory ??= new TemporaryDirectory();

    /// <summary>The server that the helpers talk to: the target's shared one, or the test's own once it has started one.</summary>
    protected WardenServer Server { get; private set; } = null!;

    public virtual async Task InitializeAsync()
    {
        Skip.If(Target.Unavailable is not null, Target.Unavailable);
        Server = await Target.SharedAsync();
    }

    public virtual async Task DisposeAsync()
    {
        WireLog.Current?.End();
        foreach (var server in _containers.GroupBy(container => container.Server))
        {
            await DestroyAllAsync(server.Key, [.. server.Select(container => container.Handle)]);
        }

        for (var index = _resources.Count - 1; index >= 0; index--)
        {
            await _resources[index].DisposeAsync();
        }

        _directory?.Dispose();
    }

    /// <summary>Skips the test unless the target offers what it needs.</summary>
    protected void Need(ClauseNeeds needs) => Target.Need(needs);

    /// <summary>Starts a server with a configuration of the test's own; the helpers talk to it from now on.</summary>
    protected async Task<WardenServer> StartServerAsync(string configuration = "", bool tcp = false)
    {
        Need(ClauseNeeds.OwnConfiguration);
        return Server = Own(await Target.StartAsync(new ServerOptions(configuration) { Tcp = tcp }));
    }

    /// <summary>Opens a connection that is closed after the test.</summary>
    protected async Task<WireConnection> ConnectAsync() => Own(await Server.ConnectAsync());

    /// <summary>Creates a container that is destroyed after the test, and returns its handle.</summary>
    protected async Task<string> CreateAsync(WireConnection connection, params (string Field, object? Value)[] fields)
    {
        var reply = await Deadline.UntilAsync("a container is created", async () =>
        {
            await connection.SendAsync("Create", fields);
            var answer = await connection.ReadAsync();

            // An external server may have small pools whose networks rest: the next is waited for.
            return Target is ExternalTarget && answer.IsError && answer.Error is ("Could not acquire network" or "no uid available") ? null : answer;
        });
        Assert.True(!reply.IsError, $"Create was answered with an Error: {reply.Message}\n{Server.Log}");
        var handle = reply.Message.Text("handle");
        Track(handle);
        return handle;
    }

    /// <summary>Opens a connection and creates a container.</summary>
    protected async Task<(WireConnection Connection, string Handle)> ConnectAndCreateAsync(params (string Field, object? Value)[] fields)
    {
        var connection = await ConnectAsync();
        return (connection, await CreateAsync(connection, fields));
    }

    /// <summary>Destroys the container after the test.</summary>
    protected void Track(string handle)
    {
        lock (_containers)
        {
            _containers.Add((Server, handle));
        }
    }

    /// <summary>Disposes a resource after the test.</summary>
    protected T Own<T>(T resource)
        where T : IAsyncDisposable
    {
        lock (_resources)
        {
            _resources.Add(resource);
        }

        return resource;
    }

    private async Task DestroyAllAsync(WardenServer server, IReadOnlyList<string> handles)
    {
        // A server of the test's own ends with its containers; an external one may be shared by what comes next.
        if (_resources.Contains(server) && Target is not ExternalTarget)
        {
            return;
        }

        WireConnection connection;
        try
        {
            connection = await server.ConnectAsync();
        }
        catch (SocketException) when (_resources.Contains(server))
        {
            // The test has ended it.
            return;
        }

        await using var ended = connection;
        foreach (var handle in handles)
        {
            await connection.SendAsync("Stop", ("handle", handle), ("kill", true), ("background", true));
            await connection.SendAsync("Destroy", ("handle", handle));
        }

        // Answers are read and not judged: most tests have destroyed the container themselves.
        for (var answers = 0; answers < 2 * handles.Count; answers++)
        {
            await connection.ReadAsync();
        }
    }
}
