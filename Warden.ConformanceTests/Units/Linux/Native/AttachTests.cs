using System.Diagnostics;
using System.Runtime.Versioning;
using Warden.ConformanceTests.Units.Linux.Processes;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Native;

/// <summary>A shell in a container, from an input that is no terminal.</summary>
[SupportedOSPlatform("linux")]
public sealed class AttachTests
{
    private static readonly TimeSpan Patience = Support.Deadline.Default * 2;

    [SkippableFact]
    public async Task A_shell_has_a_terminal_of_the_containers_own_and_ends_with_its_status()
    {
        await using var container = LiveContainer.Make();
        await using var monitor = await container.StartAsync();
        var (status, output, error) = await AttachAsync(container.Directory.Run, "tty; stty size; echo $TERM $((20 + 3)); id -un; exit 42\n");

        Assert.Equal("", error);
        Assert.Contains("/dev/pts/0\r\n24 80\r\nvt100 23\r\nvcap\r\n", output, StringComparison.Ordinal);
        Assert.Equal(42, status);
        await monitor.WaitUntilIdleAsync(default).AsTask().WaitAsync(Patience);
    }

    [SkippableFact]
    public async Task The_end_of_the_input_ends_the_shell_and_a_signal_is_told_as_shells_tell_it()
    {
        await using var container = LiveContainer.Make();
        await using var monitor = await container.StartAsync();
        var (status, output, _) = await AttachAsync(container.Directory.Run, "id -un\n", "root");

        Assert.Contains("root\r\n", output, StringComparison.Ordinal);
        Assert.Equal(0, status);
        Assert.Equal(137, (await AttachAsync(container.Directory.Run, "kill -KILL $$\n")).Status);
    }

    [SkippableFact]
    public async Task Where_there_is_no_monitor_it_is_said()
    {
        await using var container = LiveContainer.Make();
        var (status, _, error) = await AttachAsync(container.Directory.Run, "");

        Assert.Equal(255, status);
        Assert.EndsWith("monitor.sock: No such file or directory\n", error, StringComparison.Ordinal);
    }

    private static async Task<(int Status, string Output, string Error)> AttachAsync(string run, string input, params string[] arguments)
    {
        using var deadline = new CancellationTokenSource(Patience);
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "warden-helper"), ["attach", Path.Combine(run, "monitor.sock"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["TERM"] = "vt100";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        var error = process.StandardError.ReadToEndAsync(deadline.Token);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(deadline.Token);
        return (process.ExitCode, await output, await error);
    }
}
