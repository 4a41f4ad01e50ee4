using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Warden.Linux.Interop;

/// <summary>memfd_create(2) and its seals (fcntl(2)).</summary>
internal static partial class Memfd
{
    private const uint MFD_CLOEXEC = 0x1;
    private const uint MFD_ALLOW_SEALING = 0x2;
    private const uint MFD_EXEC = 0x10;
    private const int F_ADD_SEALS = 1033;
    private const int F_SEAL_SEAL = 0x1;
    private const int F_SEAL_SHRINK = 0x2;
    private const int F_SEAL_GROW = 0x4;
    private const int F_SEAL_WRITE = 0x8;

    /// <summary>An empty file in memory that can be sealed and executed; closed on exec.</summary>
    public static SafeFileHandle CreateExecutable(string name)
    {
        var file = Create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
        if (file.IsInvalid && Marshal.GetLastPInvokeError() == Errno.EINVAL)
        {
            // Kernels before 6.3 know no MFD_EXEC; theirs is executable always.
            file = Create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
        }

        return file.IsInvalid ? throw LinuxException.Last("make a file in memory for", name) : file;
    }

    /// <summary>From now on nobody changes the content, this process included.</summary>
    public static void Seal(SafeFileHandle file)
    {
        if (Fcntl(file, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
        {
            throw LinuxException.Last("seal a file in memory");
        }
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Create(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(SafeFileHandle file, int command, int argument);
}
