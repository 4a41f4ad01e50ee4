using System.ComponentModel;
using System.Diagnostics;
using Warden.Spec;

namespace Warden.Linux.Setup;

/// <summary>
/// The host's programs that <c>warden setup</c> uses. They are started by their paths with lists of arguments: no shell sees what an
/// operator types.
/// </summary>
/// <param name="searchPath">Where they are looked for, as PATH has it.</param>
internal sealed class HostPrograms(string? searchPath)
{
    // sudo and cron may leave these out, and debootstrap and mkfs live there.
    private static readonly string[] SystemDirectories =
        ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    private readonly string[] _directories =
        [.. (searchPath ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Where(Path.IsPathRooted)];

    /// <summary>The programs of this process's PATH and of the directories that every system has.</summary>
    public static HostPrograms OfHost() =>
        new(string.Join(':', (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Union(SystemDirectories)));

    /// <summary>The path of a program; null when there is none.</summary>
    public string? Find(string name) => _directories.Select(directory => Path.Combine(directory, name)).FirstOrDefault(IsExecutable);

    /// <summary>The path of a program.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="package">The package of Debian that holds it.</param>
    /// <exception cref="WardenException">There is none; says how to get it.</exception>
    public string Require(string name, string package) =>
        Find(name) ?? throw new WardenException($"{name} is not on this host: apt-get install {package}");

    /// <summary>Runs a program to its end; what it prints goes to this process's standard error.</summary>
    /// <exception cref="WardenException">It cannot be started, or fails.</exception>
    public async Task RunAsync(string file, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        await RunAsync(file, arguments, async output =>
        {
            using var error = Console.OpenStandardError();
            await output.BaseStream.CopyToAsync(error, CancellationToken.None).ConfigureAwait(false);
            return true;
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs a program to its end and returns what it prints.</summary>
    /// <exception cref="WardenException">It cannot be started, or fails.</exception>
    public Task<string> ReadAsync(string file, IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        RunAsync(file, arguments, output => output.ReadToEndAsync(CancellationToken.None), cancellationToken);

    private async Task<T> RunAsync<T>(
        string file, IReadOnlyList<string> arguments, Func<StreamReader, Task<T>> read, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardInput = true };
        start.Environment["PATH"] = string.Join(':', _directories);
        start.Environment["LC_ALL"] = "C.UTF-8";
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            try
            {
                var output = await read(process.StandardOutput).WaitAsync(cancellationToken).ConfigureAwait(false);
                await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
                return process.ExitCode == 0
                    ? output
                    : throw new WardenException($"{Path.GetFileName(file)} ended with {process.ExitCode}; what it says stands above");
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
                throw;
            }
        }
        catch (Win32Exception e)
        {
            throw new WardenException($"Cannot run {file}: {e.Message}", e);
        }
    }

    private static bool IsExecutable(string path)
    {
        const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return File.Exists(path) && (File.GetUnixFileMode(path) & Execute) != 0;
    }
}
