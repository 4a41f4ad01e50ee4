using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Warden.Spec;
using Warden.Spec.Client;
using Warden.Spec.Server;
using Warden.Spec.Server.Configuration;
using Warden.Spec.Server.Hosting;
using Xunit;

namespace Warden.ConformanceTests.Units.Server;

public sealed class WardenServerTests : IDisposable
{
    private static readonly TimeSpan Deadline = Support.Deadline.Default;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("warden-server");

    private string SocketPath => Path.Combine(_directory.FullName, "s");

    private string PidPath => Path.Combine(_directory.FullName, "pid");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task It_serves_on_its_socket_and_on_tcp_until_it_drains()
    {
        var options = Options();
        options.TcpEndPoint = new IPEndPoint(IPAddress.Loopback, 0);
        await using var server = await WardenServer.StartAsync(options, new BareBackend());
        foreach (var endpoint in new[]
                 {
                     WardenEndpoint.Unix(SocketPath), WardenEndpoint.Tcp(server.TcpEndPoint!.Address.ToString(), server.TcpEndPoint.Port),
                 })
        {
            await using var client = new WardenClient(endpoint);
            await client.PingAsync();
        }

        await server.DrainAsync().WaitAsync(Deadline);
        await server.Completion.WaitAsync(Deadline);
        Assert.False(File.Exists(SocketPath));
    }

    [SkippableFact]
    public async Task The_socket_has_the_configured_mode()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no modes");
        await using var server = await WardenServer.StartAsync(Options(), new BareBackend());
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(SocketPath));
        }
    }

    [Fact]
    public async Task A_live_socket_refuses_the_start_before_the_backend_is_touched_and_a_stale_one_is_replaced()
    {
        var backend = new BareBackend();
        var first = await WardenServer.StartAsync(Options(), new BareBackend());
        var refused = await Assert.ThrowsAsync<WardenException>(() => WardenServer.StartAsync(Options(), backend));
        Assert.Equal($"another server is listening on {SocketPath}", refused.Message);
        Assert.Equal(0, backend.Starts);
        await first.DisposeAsync();

        // A server that was killed leaves its socket's file behind; .NET removes it when a bound socket is closed, so it is moved away.
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(SocketPath + "-dead"));
            dead.Listen();
            File.Move(SocketPath + "-dead", SocketPath);
        }

        Assert.True(File.Exists(SocketPath));
        await using var second = await WardenServer.StartAsync(Options(), backend);
        await using var client = new WardenClient(WardenEndpoint.Unix(SocketPath));
        await client.PingAsync();
    }

    [Fact]
    public async Task A_file_that_is_no_socket_is_not_replaced()
    {
        await File.WriteAllTextAsync(SocketPath, "precious");
        await Assert.ThrowsAsync<WardenException>(() => WardenServer.StartAsync(Options(), new BareBackend()));
        Assert.Equal("precious", await File.ReadAllTextAsync(SocketPath));
    }

    [Fact]
    public async Task The_pidfile_is_written_refuses_another_server_and_is_removed()
    {
        await using (await WardenServer.StartAsync(Options(pidFile: true), new BareBackend()))
        {
            Assert.Equal($"{Environment.ProcessId}\n", await File.ReadAllTextAsync(PidPath));
            var refused = await Assert.ThrowsAsync<WardenException>(
                () => WardenServer.StartAsync(Options(pidFile: true), new BareBackend()));
            Assert.Contains($"names the living process {Environment.ProcessId}", refused.Message, StringComparison.Ordinal);
        }

        Assert.False(File.Exists(PidPath));
    }

    [Theory]
    [InlineData("2147483647\n", null)]
    [InlineData("", null)]
    [InlineData("root:x:0:0\n", "the pidfile PATH holds no process id, and is not replaced")]
    public async Task A_dead_pid_is_replaced_and_nothing_else_is(string content, string? refusal)
    {
        await File.WriteAllTextAsync(PidPath, content);
        if (refusal is null)
        {
            await using var server = await WardenServer.StartAsync(Options(pidFile: true), new BareBackend());
            Assert.Equal($"{Environment.ProcessId}\n", await File.ReadAllTextAsync(PidPath));
            return;
        }

        var refused = await Assert.ThrowsAsync<WardenException>(() => WardenServer.StartAsync(Options(pidFile: true), new BareBackend()));
        Assert.Equal(refusal.Replace("PATH", PidPath, StringComparison.Ordinal), refused.Message);
        Assert.Equal(content, await File.ReadAllTextAsync(PidPath));
    }

    [Fact]
    public async Task A_crash_leaves_the_pidfile_and_the_next_server_of_the_process_takes_it()
    {
        var server = await WardenServer.StartAsync(Options(pidFile: true), new BareBackend());
        await server.CrashAsync().WaitAsync(Deadline);
        Assert.True(File.Exists(PidPath));
        await using var next = await WardenServer.StartAsync(Options(pidFile: true), new BareBackend());
    }

    [Fact]
    public async Task A_failed_start_gives_everything_back()
    {
        var options = Options(pidFile: true);
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        options.TcpEndPoint = (IPEndPoint)taken.LocalEndPoint!;
        await Assert.ThrowsAsync<WardenException>(() => WardenServer.StartAsync(options, new BareBackend()));
        Assert.False(File.Exists(PidPath));
        Assert.False(File.Exists(SocketPath));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET / HTTP/1.0\n\n")]
    public async Task The_health_check_answers_and_closes(string request)
    {
        var options = Options();
        options.Configuration = options.Configuration with { HealthCheck = new HealthCheckSection { Port = 0 } };
        await using var server = await WardenServer.StartAsync(options, new BareBackend());
        for (var visit = 0; visit < 3; visit++)
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(server.HealthCheckEndPoint!);
            var stream = socket.GetStream();
            await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(request));
            using var reader = new StreamReader(stream);
            Assert.StartsWith("HTTP/1.1 200 OK\r\n", await reader.ReadToEndAsync().WaitAsync(Deadline), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_host_starts_it_logs_and_drains_it()
    {
        var options = Options();
        var log = Path.Combine(_directory.FullName, "log");
        options.Configuration = options.Configuration with { Logging = new LoggingSection { Level = "debug", File = log } };
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.AddWardenServer(options, new BareBackend());
        using (var host = builder.Build())
        {
            await host.StartAsync();
            var server = await host.Services.GetRequiredService<WardenServerService>().Server;
            await using (var client = new WardenClient(WardenEndpoint.Unix(server.SocketPath)))
            {
                await client.PingAsync();
            }

            await host.StopAsync();
            await server.Completion.WaitAsync(Deadline);
        }

        var lines = await File.ReadAllTextAsync(log);
        Assert.Contains($"INFO  Warden.Server: Serving on {SocketPath}", lines, StringComparison.Ordinal);
        Assert.Contains("DEBUG Warden.Server: Connection 1 is open", lines, StringComparison.Ordinal);
        Assert.Contains("Drained", lines, StringComparison.Ordinal);
    }

    private WardenServerOptions Options(bool pidFile = false) => new()
    {
        Configuration = new WardenConfiguration
        {
            Server = new ServerSection
            {
                SocketPath = SocketPath,
                SocketMode = 0x1A0,
                PidFile = pidFile ? PidPath : null,
                DepotPath = Path.Combine(_directory.FullName, "depot"),
            },
            HealthCheck = new HealthCheckSection { Port = null },
        },
    };
}
