using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Warden.ConformanceTests.Support;

namespace Warden.ConformanceTests.Targets;

/// <summary>The executable <c>warden</c> on a host of its own. The host stays while servers come and go on it, as a machine does.</summary>
public sealed class LinuxServer : WardenServer
{
    /// <summary>The port of the optional TCP listener: each host has all of its ports to itself.</summary>
    private const int TcpPort = 7780;

    private readonly LinuxHost _host;
    private readonly TemporaryDirectory _directory = new();
    private readonly StringBuilder _log = new();
    private readonly List<string> _arguments;
    private readonly TcpRelay? _relay;
    private LinuxHostState? _baseline;
    private Process? _process;
    private int _reported;
    private Task _logReader = Task.CompletedTask;

    private LinuxServer(LinuxHost host, ServerOptions options)
    {
        _host = host;
        SocketPath = _directory["socket"];
        ConfigurationPath = _directory.Write(
            "warden.yml", LinuxConfigurationText.Complete(options.Configuration, host.Machine.Rootfs, host.Depot, host.FirstUser));
        _arguments = ["serve", "--socket", SocketPath, "--config", ConfigurationPath];
        if (options.Tcp)
        {
            _arguments.AddRange(["--tcp", $"127.0.0.1:{TcpPort}"]);
            _relay = new TcpRelay(async cancellation =>
            {
                var socket = NewSocket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, TcpPort), cancellation);
                return socket;
            });
        }
    }

    /// <summary>An address outside, which answers ping and the services of <see cref="LinuxOutside"/>.</summary>
    public static IPAddress OutsideAddress { get; } = IPAddress.Parse("203.0.113.1");

    public override string SocketPath { get; }

    public override IPEndPoint? TcpEndPoint => _relay?.EndPoint;

    public override int? ReportedProcessId => _reported;

    public override int? ProcessId => _process is not null ? _host.Find(_reported) : null;

    public override IPAddress ExternalAddress { get; } = IPAddress.Parse("198.51.100.1");

    public override IPEndPoint OutsideService { get; } = new(OutsideAddress, 80);

    /// <summary>What the servers wrote to standard error so far.</summary>
    public override string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    internal LinuxHost Host => _host;

    /// <summary>The file that the server is started with: a test may change it between two starts.</summary>
    public string ConfigurationPath { get; }

    public static Task<LinuxServer> StartAsync(ServerOptions options) => StartAsync(options, LinuxSite.Here);

    internal static async Task<LinuxServer> StartAsync(ServerOptions options, LinuxSite site)
    {
        var server = new LinuxServer(await LinuxHost.StartAsync(site), options);
        try
        {
            Directory.CreateDirectory(server._host.PathOf(server._host.Depot));
            server._baseline = await LinuxHostState.ReadAsync(server._host);
            await server.StartAsync();
            return server;
        }
        catch
        {
            await server.EndAsync();
            throw;
        }
    }

    /// <summary>What is on the host of what a server makes, and was not before the first one. The depot of the test's own configuration, mounted onto itself, stays until a teardown.</summary>
    internal async Task<IReadOnlyList<string>> LeftAsync()
    {
        var configuration = await File.ReadAllTextAsync(ConfigurationPath);
        return
        [
            .. (await LinuxHostState.ReadAsync(_host, ProcessId)).Since(_baseline!)
                .Where(thing => !thing.StartsWith("mount ", StringComparison.Ordinal) || !configuration.Contains(thing["mount ".Length..], StringComparison.Ordinal)),
        ];
    }

    /// <summary>Runs the executable on the server's host.</summary>
    public Task<(int Status, string Output, string Error)> CommandAsync(params IEnumerable<string> arguments) =>
        TargetExecutable.RunAsync(_host.EnterExecutable(arguments), "");

    public override string PathOf(string path) => _host.PathOf(path);

    public override Socket NewSocket(SocketType type, ProtocolType protocol) => _host.NewSocket(type, protocol);

    public override Socket NewOutsideSocket(SocketType type, ProtocolType protocol) => _host.Outside().NewSocket(type, protocol);

    public override Task BeginDrainAsync()
    {
        Signal(HostSystem.SigUsr2);
        return Task.CompletedTask;
    }

    /// <summary>It writes snapshots until it ends, after it has stopped to listen.</summary>
    public override async Task DrainAsync()
    {
        await BeginDrainAsync();
        await ExitAsync();
    }

    public override async Task CrashAsync()
    {
        Signal(HostSystem.SigKill);
        await ExitAsync();
    }

    public override async Task StartAsync()
    {
        await ExitAsync();
        _process = Process.Start(_host.EnterExecutable(_arguments))!;
        _process.StandardInput.Close();
        _logReader = ReadLogAsync(_process.StandardError);
        var line = await Deadline.WithinAsync("the server's ready line", _process.StandardOutput.ReadLineAsync(), Deadline.Default * 2);
        if (line is null)
        {
            await _logReader;
            throw new InvalidOperationException($"the server ended before it was ready: {Log}");
        }

        using var ready = JsonDocument.Parse(line);
        Xunit.Assert.Equal(SocketPath, ready.RootElement.GetProperty("socket").GetString());
        _reported = ready.RootElement.GetProperty("pid").GetInt32();
        _ = _host.Outside();
    }

    /// <summary>Ends the containers, then the server; what is left on the host after both is a fault.</summary>
    public override async ValueTask DisposeAsync()
    {
        try
        {
            if (_process is { HasExited: false } && await TryEmptyAsync())
            {
                await DrainAsync();
                await ExpectNothingLeftAsync();
            }
        }
        finally
        {
            await EndAsync();
        }
    }

    /// <summary>The kernel takes some time over what has been given up, such as a process that ends: what goes is not left.</summary>
    private async Task ExpectNothingLeftAsync()
    {
        IReadOnlyList<string> left = [];
        try
        {
            await Deadline.UntilAsync("nothing is left on the host", async () => (left = await LeftAsync()).Count == 0);
        }
        catch (TimeoutException)
        {
            Xunit.Assert.Fail($"the server has left on its host: {string.Join("; ", left)}\n{Log}");
        }
    }

    private void Signal(int signal)
    {
        if (!OperatingSystem.IsWindows())
        {
            HostSystem.Signal(ProcessId!.Value, signal);
        }
    }

    /// <summary>Destroys every container; false when the server is about to end and takes no connection.</summary>
    private async Task<bool> TryEmptyAsync()
    {
        try
        {
            await using var connection = await ConnectAsync();
            foreach (var handle in (await connection.CallAsync("List")).Texts("handles"))
            {
                await connection.SendAsync("Stop", ("handle", handle), ("kill", true), ("background", true));
                await connection.ReadAsync();
                await connection.SendAsync("Destroy", ("handle", handle));
                var reply = await connection.ReadAsync();
                Xunit.Assert.True(!reply.IsError || reply.Error == "unknown handle", $"Destroy was answered with {reply.Message}\n{Log}");
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task EndAsync()
    {
        if (_relay is not null)
        {
            await _relay.DisposeAsync();
        }

        await _host.DisposeAsync();
        await ExitAsync();
        if (Log.Contains(" ERROR ", StringComparison.Ordinal))
        {
            // Some tests mean a failure of the host; for the others this is where its reason is.
            Reporting.ReportWriter.AppendLog("linux-errors.log", Log);
        }

        _directory.Dispose();
    }

    /// <summary>Waits for the end of the process that ran last.</summary>
    private async Task ExitAsync()
    {
        if (_process is { } process)
        {
            await process.WaitForExitAsync().WaitAsync(Deadline.Default);
            await _logReader;
            process.Dispose();
            _process = null;
        }
    }

    private async Task ReadLogAsync(StreamReader error)
    {
        while (await error.ReadLineAsync() is { } line)
        {
            lock (_log)
            {
                _log.AppendLine(line);
            }
        }
    }
}
