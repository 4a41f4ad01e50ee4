using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Warden.Bench;

/// <summary>A server in a process of its own.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;
    private readonly string? _configurationFile;

    private ServerProcess(Process process, string socketPath, TimeSpan readyAfter, string? configurationFile)
    {
        _process = process;
        _configurationFile = configurationFile;
        SocketPath = socketPath;
        ReadyAfter = readyAfter;
    }

    public string SocketPath { get; }

    public int Id => _process.Id;

    /// <summary>From the start of the process to its ready line.</summary>
    public TimeSpan ReadyAfter { get; }

    /// <summary>Bytes of memory that the process holds now.</summary>
    public long ResidentBytes
    {
        get
        {
            var line = File.ReadLines($"/proc/{_process.Id}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
            return long.Parse(line.AsSpan(6, line.Length - 9).Trim(), CultureInfo.InvariantCulture) * 1024;
        }
    }

    public static ServerProcess StartEmulator(string executable, string? configuration = null)
    {
        List<string> arguments = ["serve", "--socket", "auto"];
        string? file = null;
        if (configuration is not null)
        {
            file = Path.GetTempFileName();
            File.WriteAllText(file, configuration);
            arguments.AddRange(["--config", file]);
        }

        return Start(executable, arguments, SocketIn, file);
    }

    /// <summary>
    /// Starts the Linux server in the mounts of this namespace's first process, which are those of an ordinary host: this process has its
    /// own for crun's sake.
    /// </summary>
    public static ServerProcess StartLinux(string executable, string configurationFile) => Start(
        "nsenter", ["--mount=/proc/1/ns/mnt", executable, "serve", "--config", configurationFile], SocketIn);

    public static ServerProcess StartEcho()
    {
        var path = Path.Combine(Path.GetTempPath(), $"warden-echo-{Environment.ProcessId}.sock");
        File.Delete(path);
        return Start(Environment.ProcessPath!, ["echo", path], _ => path);
    }

    public void Dispose()
    {
        // A signal that lets it clean up; the echo server dies of it.
        using (var kill = Process.Start("kill", [_process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            kill.WaitForExit();
        }

        _process.WaitForExit();
        _process.Dispose();
        if (_configurationFile is not null)
        {
            File.Delete(_configurationFile);
        }
    }

    private static string SocketIn(string readyLine) => JsonDocument.Parse(readyLine).RootElement.GetProperty("socket").GetString()!;

    private static ServerProcess Start(string executable, List<string> arguments, Func<string, string> socketOf, string? file = null)
    {
        var start = new ProcessStartInfo(executable, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var setting in start.Environment.Keys.Where(name => name.StartsWith("DOTNET_", StringComparison.Ordinal)).ToList())
        {
            // How this process is made to run is not how a server runs.
            start.Environment.Remove(setting);
        }

        var since = Stopwatch.GetTimestamp();
        var process = Process.Start(start)!;
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        var line = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"{executable} ended before it was ready.");
        return new ServerProcess(process, socketOf(line), Stopwatch.GetElapsedTime(since), file);
    }
}
