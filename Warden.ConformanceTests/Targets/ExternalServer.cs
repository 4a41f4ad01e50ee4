using System.Diagnostics;
using System.Net.Sockets;
using Warden.ConformanceTests.Support;

namespace Warden.ConformanceTests.Targets;

/// <summary>The server at WARDEN_SOCKET, started and ended by WARDEN_SERVER_CMD where there is one.</summary>
public sealed class ExternalServer : WardenServer
{
    private readonly TemporaryDirectory _directory = new();
    private readonly string _command;
    private readonly string _configurationPath;

    public ExternalServer(string socketPath, string command, string configuration)
    {
        SocketPath = socketPath;
        _command = command;
        _configurationPath = _directory.Write("warden.yml", ExternalConfigurationFile.Merge(configuration, socketPath));
    }

    public override string SocketPath { get; }

    public override Task BeginDrainAsync() => ExpectAsync("drain");

    public override Task CrashAsync() => ExpectAsync("crash");

    public override Task StartAsync() => ExpectAsync("start");

    /// <summary>Runs the command and returns its status and all that it said.</summary>
    public async Task<(int Status, string Text)> CommandAsync(string verb)
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["-c", _command + " \"$@\"", "sh", verb, .. verb == "start" ? [_configurationPath] : Array.Empty<string>()])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Deadline.Default);
        return (process.ExitCode, await output.WaitAsync(Deadline.Default) + await error.WaitAsync(Deadline.Default));
    }

    /// <summary>Drains the server unless the test has ended it already.</summary>
    public async Task DrainIfRunningAsync()
    {
        try
        {
            await using var connection = await ConnectAsync();
        }
        catch (SocketException)
        {
            return;
        }

        await DrainAsync();
    }

    public override ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task ExpectAsync(string verb)
    {
        var (status, text) = await CommandAsync(verb);
        Xunit.Assert.True(status == 0, $"{_command} {verb} ended with {status}: {text}");
    }
}
