using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Warden.ConformanceTests.Support;

/// <summary>
/// A shell starts what it runs in the background with SIGINT and SIGQUIT ignored, and what is ignored stays so in every program that is
/// started (execve(2)): a server would not be drained by SIGINT. They get their default again before the first server starts.
/// </summary>
internal static partial class InheritedSignals
{
    private const int SigQuit = 3;

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "It comes before whatever test or fixture starts the first process.")]
    internal static void Reset()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        foreach (var signal in (int[])[HostSystem.SigInt, SigQuit])
        {
            // One that the runtime handles is not ignored, and stays the runtime's.
            if (IsIgnored(signal))
            {
                _ = SetHandler(signal, 0);
            }
        }
    }

    /// <summary>Whether this process ignores a signal: SigIgn of proc(5).</summary>
    public static bool IsIgnored(int signal)
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal));
        return (ulong.Parse(line.AsSpan(7).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> (signal - 1) & 1) != 0;
    }

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint SetHandler(int signal, nint handler);
}
