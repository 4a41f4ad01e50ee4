using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using Warden.ConformanceTests.Support;

namespace Warden.ConformanceTests.Targets;

/// <summary>One supervised emulator process: its machine lives until its standard input ends, its server comes and goes by commands.</summary>
public sealed class EmulatorProcess : WardenServer
{
    private readonly Process _process;
    private readonly TemporaryDirectory _directory;
    private readonly StringBuilder _log;
    private readonly Task _logReader;
    private string _socketPath = "";

    private EmulatorProcess(Process process, TemporaryDirectory directory, StringBuilder log, IPEndPoint? tcp)
    {
        _process = process;
        _directory = directory;
        _log = log;
        TcpEndPoint = tcp;
        _logReader = ReadLogAsync();
    }

    public override string SocketPath => _socketPath;

    public override IPEndPoint? TcpEndPoint { get; }

    public override int? ProcessId => _process.Id;

    /// <summary>What the process wrote to standard error so far.</summary>
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

    public static async Task<EmulatorProcess> StartAsync(ServerOptions options)
    {
        var directory = new TemporaryDirectory();
        var arguments = new List<string> { "serve", "--socket", "auto", "--supervised" };
        if (options.Configuration.Length > 0)
        {
            arguments.AddRange(["--config", directory.Write("warden.yml", options.Configuration)]);
        }

        IPEndPoint? tcp = null;
        if (options.Tcp)
        {
            tcp = new IPEndPoint(IPAddress.Loopback, FreePort.Next());
            arguments.AddRange(["--tcp", tcp.ToString()]);
        }

        var process = Process.Start(EmulatorExecutable.Prepare(arguments))!;
        var server = new EmulatorProcess(process, directory, new StringBuilder(), tcp);
        try
        {
            await server.ReadyAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public override Task BeginDrainAsync() => CommandAsync("drain");

    public override async Task CrashAsync()
    {
        await CommandAsync("crash");
        await WaitUntilGoneAsync();
    }

    public override async Task StartAsync()
    {
        await CommandAsync("start");
        await ReadyAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync().WaitAsync(Deadline.Default);
        }
        catch (Exception exception) when (exception is IOException or TimeoutException)
        {
            _process.Kill(true);
        }

        await _logReader;
        _process.Dispose();
        _directory.Dispose();
    }

    private async Task CommandAsync(string command)
    {
        await _process.StandardInput.WriteLineAsync(command);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Reads the line that says that the server is ready, which must be JSON and alone on standard output.</summary>
    private async Task ReadyAsync()
    {
        var line = await Deadline.WithinAsync("the emulator's ready line", _process.StandardOutput.ReadLineAsync(), Deadline.Default * 2);
        if (line is null)
        {
            await _logReader;
            throw new InvalidOperationException($"the emulator ended before it was ready: {Log}");
        }

        using var ready = JsonDocument.Parse(line);
        if (!ready.RootElement.GetProperty("ready").GetBoolean())
        {
            throw new InvalidOperationException($"the emulator's line is {line}");
        }

        _socketPath = ready.RootElement.GetProperty("socket").GetString()!;
    }

    private async Task ReadLogAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            lock (_log)
            {
                _log.AppendLine(line);
            }
        }
    }
}
