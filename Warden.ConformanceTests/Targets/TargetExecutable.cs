using System.Diagnostics;
using System.Text;
using Warden.ConformanceTests.Support;

namespace Warden.ConformanceTests.Targets;

/// <summary>A target's executable: how it is started, each start on a host of its own where that matters.</summary>
public abstract class TargetExecutable
{
    /// <summary>Prepares a start with the three streams redirected.</summary>
    public abstract Task<ProcessStartInfo> PrepareAsync(params IEnumerable<string> arguments);

    /// <summary>The process that serves, of a started process and of the number that it reports itself.</summary>
    public virtual int ServingProcess(Process started, int reported) => reported;

    /// <summary>Ends a started process and what it has started, by KILL, so that it cleans nothing up.</summary>
    public virtual void Kill(Process started) => started.Kill(true);

    /// <summary>Runs the executable to its end.</summary>
    public async Task<(int Status, string Output, string Error)> RunAsync(string input, params IEnumerable<string> arguments) =>
        await RunAsync(await PrepareAsync(arguments), input);

    public static async Task<(int Status, string Output, string Error)> RunAsync(ProcessStartInfo start, string input)
    {
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            try
            {
                await process.StandardInput.WriteAsync(input);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // The program ended without reading its input.
            }

            var what = $"the end of {string.Join(' ', start.ArgumentList)}";
            var result = (await Deadline.WithinAsync(what, output), await Deadline.WithinAsync(what, error));
            await process.WaitForExitAsync().WaitAsync(Deadline.Default);
            return (process.ExitCode, result.Item1, result.Item2);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(true);
            }
        }
    }

    /// <summary>A command with its streams redirected: a published file, or an assembly beside this one that dotnet runs.</summary>
    protected static ProcessStartInfo Start(string? published, string assembly, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(published ?? DotnetHost(), published is null ? [Path.Combine(AppContext.BaseDirectory, assembly), .. arguments] : arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        Hasten(start);
        return start;
    }

    /// <summary>Many servers share few cores: one compilation tier and the small collector start faster and leave more room.</summary>
    internal static void Hasten(ProcessStartInfo start)
    {
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_gcServer"] = "0";
    }

    /// <summary>The dotnet that runs the tests.</summary>
    internal static string DotnetHost()
    {
        var current = Environment.ProcessPath;
        return Path.GetFileNameWithoutExtension(current) == "dotnet"
            ? current!
            : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
    }
}
