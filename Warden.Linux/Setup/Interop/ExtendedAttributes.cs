using System.Runtime.InteropServices;
using Warden.Linux.Interop;

namespace Warden.Linux.Setup.Interop;

/// <summary>Extended attributes of files (xattr(7)).</summary>
internal static partial class ExtendedAttributes
{
    private const int ENODATA = 61;

    /// <summary>Removes an attribute of a file that is no symbolic link's target; that it has none is no error.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Remove(string path, string name)
    {
        // Who may not remove one is refused even where there is none, so that it is looked for first.
        if ((ReadOfLink(path, name, 0, 0) < 0 || RemoveOfLink(path, name) < 0) && Marshal.GetLastPInvokeError() is not (ENODATA or Errno.EOPNOTSUPP))
        {
            throw LinuxException.Last($"remove {name} from", path);
        }
    }

    [LibraryImport("libc", EntryPoint = "lgetxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint ReadOfLink(string path, string name, nint value, nuint size);

    [LibraryImport("libc", EntryPoint = "lremovexattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RemoveOfLink(string path, string name);
}
