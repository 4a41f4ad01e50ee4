using System.Runtime.InteropServices;

namespace Warden.Linux.Commands.Interop;

/// <summary>Signals to processes that this one started and has not waited for (kill(2)).</summary>
internal static partial class Signals
{
    private const int SIGTERM = 15;

    /// <summary>Sends SIGTERM; a process that has ended meanwhile takes no notice.</summary>
    public static void SendTerminate(int processId) => _ = Kill(processId, SIGTERM);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);
}
