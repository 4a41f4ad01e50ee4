using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Warden.Linux.Interop;

/// <summary>Descriptors of processes: pidfd_open(2), pidfd_send_signal(2), and waitid(2) on them.</summary>
internal static partial class Pidfd
{
    public const int SIGKILL = 9;
    public const int SIGCONT = 18;

    // By number: glibc has functions of these names from 2.36 on. The numbers are those of every architecture of .NET.
    private const nint SYS_pidfd_send_signal = 424;
    private const nint SYS_pidfd_open = 434;
    private const int P_PIDFD = 3;
    private const int WNOHANG = 1;
    private const int WEXITED = 4;

    /// <summary>Opens a process, which may be a zombie; null when there is none of that id. Closed on exec.</summary>
    public static SafeFileHandle? Open(int pid)
    {
        var descriptor = (int)OpenRaw(SYS_pidfd_open, pid, 0);
        if (descriptor >= 0)
        {
            return new SafeFileHandle(descriptor, ownsHandle: true);
        }

        return Marshal.GetLastPInvokeError() is Errno.ESRCH or Errno.EINVAL
            ? null
            : throw LinuxException.Last("open the process", $"{pid}");
    }

    /// <summary>Sends a signal; false when the process has been reaped.</summary>
    public static bool SendSignal(SafeFileHandle process, int signal)
    {
        if (SendSignalRaw(SYS_pidfd_send_signal, process, signal, 0, 0) == 0)
        {
            return true;
        }

        return Marshal.GetLastPInvokeError() == Errno.ESRCH ? false : throw LinuxException.Last($"send the signal {signal}");
    }

    /// <summary>Takes the end of an own child that has ended, so that it does not stay a zombie; another's child stays as it is.</summary>
    public static unsafe void Reap(SafeFileHandle process)
    {
        // siginfo_t has 128 bytes.
        var information = stackalloc byte[128];
        while (WaitId(P_PIDFD, process, information, WEXITED | WNOHANG, 0) < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR)
        {
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint OpenRaw(nint number, int pid, uint flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SendSignalRaw(nint number, SafeFileHandle process, int signal, nint information, uint flags);

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    private static unsafe partial int WaitId(int type, SafeFileHandle process, byte* information, int options, nint usage);
}
