using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Warden.ConformanceTests.Support;

/// <summary>What the tests ask of the host beyond .NET: hard links, owners, signals.</summary>
internal static partial class HostSystem
{
    public const int SigInt = 2;
    public const int SigKill = 9;
    public const int SigUsr2 = 12;
    public const int SigTerm = 15;

    [UnsupportedOSPlatform("windows")]
    public static void Signal(int processId, int signal)
    {
        if (Kill(processId, signal) != 0)
        {
            throw new InvalidOperationException($"kill {processId}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    public static void Link(string existing, string path)
    {
        if (OperatingSystem.IsWindows() || HardLink(existing, path) != 0)
        {
            throw new IOException($"cannot link {path} to {existing}");
        }
    }

    /// <summary>Owner and links by stat(1), whose output is the same on every architecture.</summary>
    public static (int UserId, int GroupId, int Links) Status(string path)
    {
        var words = Run("stat", "-c", "%u %g %h", path).Split(' ');
        return (int.Parse(words[0]), int.Parse(words[1]), int.Parse(words[2]));
    }

    /// <summary>Runs a program of the host to its end and returns its output.</summary>
    public static string Run(string program, params string[] arguments)
    {
        Requirements.Programs(program);
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output.TrimEnd('\n');
    }

    /// <summary>
    /// Writes a program that is run soon after. Another process writes it: a program that this one starts meanwhile holds a copy of every
    /// open file until it runs, and the kernel runs no file that is open for writing (execve(2), ETXTBSY).
    /// </summary>
    public static void WriteProgram(string path, string text)
    {
        using var process = Process.Start(
            new ProcessStartInfo("/bin/sh", ["-c", "cat >\"$0\" && chmod 755 \"$0\"", path]) { RedirectStandardInput = true })!;
        process.StandardInput.Write(text);
        process.StandardInput.Close();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new IOException($"cannot write {path}");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int HardLink(string existing, string path);
}
