using System.Diagnostics;
using System.Text.Json;
using Warden.ConformanceTests.Support;

namespace Warden.ConformanceTests.Targets;

/// <summary>The executable as an operator starts it: unsupervised, ended by a signal.</summary>
public sealed class ServeProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly TargetExecutable _executable;
    private readonly Task<string> _error;
    private readonly JsonDocument _ready;

    private ServeProcess(Process process, TargetExecutable executable, Task<string> error, string line)
    {
        _executable = executable;
        _process = process;
        _error = error;
        _ready = JsonDocument.Parse(line);
    }

    public string SocketPath => _ready.RootElement.GetProperty("socket").GetString()!;

    /// <summary>The server's process: the one that it reports, as this machine numbers it.</summary>
    public int ProcessId => _executable.ServingProcess(_process, _ready.RootElement.GetProperty("pid").GetInt32());

    public bool IsReady => _ready.RootElement.GetProperty("ready").GetBoolean();

    public StreamReader Output => _process.StandardOutput;

    public static async Task<ServeProcess> StartAsync(Target target, params IEnumerable<string> arguments)
    {
        var process = Process.Start(await target.Executable.PrepareAsync(arguments))!;
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            var line = await Deadline.WithinAsync("the ready line", process.StandardOutput.ReadLineAsync(), Deadline.Default * 2);
            return new ServeProcess(
                process, target.Executable, error, line ?? throw new InvalidOperationException($"the server ended before it was ready: {await error}"));
        }
        catch
        {
            target.Executable.Kill(process);
            process.Dispose();
            throw;
        }
    }

    /// <summary>Closes standard input.</summary>
    public void CloseInput() => _process.StandardInput.Close();

    /// <summary>Ends the process by KILL, so that it cleans nothing up.</summary>
    public async Task KillAsync()
    {
        _executable.Kill(_process);
        await _process.WaitForExitAsync().WaitAsync(Deadline.Default);
    }

    /// <summary>Waits for the end and returns the status.</summary>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Deadline.Default);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _executable.Kill(_process);
        }

        await _error;
        _process.Dispose();
        _ready.Dispose();
    }
}
