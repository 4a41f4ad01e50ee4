using System.Runtime.InteropServices;

namespace Warden.Linux.Doctor.Interop;

/// <summary>
/// Asks whether the kernel, and the filter that a container runtime may have put before it, lets a system call through: it is made with
/// arguments that it refuses for itself.
/// </summary>
internal static partial class SystemCallProbe
{
    // The numbers are those of every architecture of .NET.
    public const nint PidfdSendSignal = 424;
    public const nint PidfdOpen = 434;
    public const nint OpenAt2 = 437;
    public const nint MountSetAttr = 442;

    private const int EPERM = 1;
    private const int ENOSYS = 38;

    /// <summary>Whether the call is there.</summary>
    public static bool Has(nint number) => Call(number, -1, 0, 0, 0, 0) >= 0 || Marshal.GetLastPInvokeError() is not (ENOSYS or EPERM);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(nint number, nint first, nint second, nint third, nint fourth, nint fifth);
}
