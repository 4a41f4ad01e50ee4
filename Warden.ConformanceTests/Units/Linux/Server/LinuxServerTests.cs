using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Wire;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Server;

/// <summary>What the Linux server does beyond the protocol, by its executable on hosts made for it.</summary>
public abstract class LinuxServerTests : IAsyncLifetime
{
    private LinuxServer? _server;

    /// <summary>The server; where it or its host keeps something that is no container's, its end fails the test.</summary>
    protected LinuxServer Server => _server!;

    public Task InitializeAsync()
    {
        Skip.If(LinuxEnvironment.Missing is not null, LinuxEnvironment.Missing);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    protected async Task<WireConnection> StartAsync(string configuration = "")
    {
        _server = await LinuxServer.StartAsync(new ServerOptions(configuration));
        return await _server.ConnectAsync();
    }

    protected static async Task<string> CreateAsync(WireConnection connection, params (string Field, object? Value)[] fields) =>
        (await connection.CallAsync("Create", fields)).Text("handle");

    protected static async Task<string> OutputAsync(WireConnection connection, string handle, string script, bool privileged = false) =>
        (await connection.CallAsync("Run", ("handle", handle), ("script", script), ("privileged", privileged))).Text("stdout");

    protected static async Task<string> PathAsync(WireConnection connection, string handle) =>
        (await connection.CallAsync("Info", ("handle", handle))).Text("container_path");

    /// <summary>The process that a file of the container's directory names, by its number on the host.</summary>
    protected async Task<string> ProcessAsync(string path, string name) =>
        (await File.ReadAllTextAsync(Server.PathOf($"{path}/run/{name}"))).Split(' ', '\n')[0];

    /// <summary>Waits until what a container had is gone from the host.</summary>
    protected async Task NothingIsLeftAsync()
    {
        IReadOnlyList<string> left = [];
        try
        {
            await Deadline.UntilAsync("nothing is left", async () => (left = await Server.LeftAsync()).Count == 0);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"this is left: {string.Join("; ", left)}\n{Server.Log}");
        }
    }
}
