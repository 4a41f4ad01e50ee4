using System.Diagnostics;
using System.Text;
using Warden.ConformanceTests.Support;

namespace Warden.ConformanceTests.Targets;

/// <summary>The built executable <c>warden-emulator</c>: WARDEN_EMULATOR_EXE, or the one beside this assembly, run by dotnet.</summary>
public static class EmulatorExecutable
{
    private static readonly string? Published = Environment.GetEnvironmentVariable("WARDEN_EMULATOR_EXE");

    /// <summary>Prepares a start of the executable with its three streams redirected.</summary>
    public static ProcessStartInfo Prepare(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo
        {
            FileName = Published ?? DotnetHost(),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        if (Published is null)
        {
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "warden-emulator.dll"));
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // Many emulators share few cores: one compilation tier and the small collector start faster and leave more room.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_gcServer"] = "0";
        return start;
    }

    /// <summary>Runs the executable to its end.</summary>
    public static async Task<(int Status, string Output, string Error)> RunAsync(
        string input, params IEnumerable<string> arguments) => await RunAsync(Prepare(arguments), input);

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

    private static string DotnetHost()
    {
        var current = Environment.ProcessPath;
        return Path.GetFileNameWithoutExtension(current) == "dotnet"
            ? current!
            : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
    }
}
