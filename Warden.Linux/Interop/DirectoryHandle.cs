using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Warden.Linux.Interop;

/// <summary>A directory as a place for paths: open(2) with O_PATH.</summary>
internal static partial class DirectoryHandle
{
    private const int O_DIRECTORY_Arm64 = 0x4000;
    private const int O_DIRECTORY_X64 = 0x10000;
    private const int O_CLOEXEC = 0x80000;
    private const int O_PATH = 0x200000;

    /// <summary>Opens a directory; null when there is none.</summary>
    public static SafeFileHandle? Open(string path)
    {
        var directory = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? O_DIRECTORY_Arm64 : O_DIRECTORY_X64;
        var handle = OpenRaw(path, O_PATH | O_CLOEXEC | directory);
        if (!handle.IsInvalid)
        {
            return handle;
        }

        return Marshal.GetLastPInvokeError() is Errno.ENOENT or Errno.ENOTDIR ? null : throw LinuxException.Last("open", path);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenRaw(string path, int flags);
}
