using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;

namespace Warden.Linux.Cgroups.Interop;

/// <summary>Extended attributes of a group's directory (xattr(7)): they are there as long as the group is.</summary>
internal static partial class CgroupAttribute
{
    /// <summary>Reads a number; null where there is none.</summary>
    public static unsafe ulong? TryReadNumber(string group, string name)
    {
        Span<byte> buffer = stackalloc byte[32];
        fixed (byte* bytes = buffer)
        {
            var length = Get(group, name, bytes, (nuint)buffer.Length);
            return length > 0 && Utf8Parser.TryParse(buffer[..(int)length], out ulong value, out _) ? value : null;
        }
    }

    /// <summary>Writes a number.</summary>
    /// <returns>0, or the error's number.</returns>
    public static unsafe int TryWriteNumber(string group, string name, ulong value)
    {
        var text = Encoding.ASCII.GetBytes($"{value}");
        fixed (byte* bytes = text)
        {
            return Set(group, name, bytes, (nuint)text.Length, 0) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
    }

    [LibraryImport("libc", EntryPoint = "getxattr", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static unsafe partial nint Get(string path, string name, byte* value, nuint size);

    [LibraryImport("libc", EntryPoint = "setxattr", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static unsafe partial int Set(string path, string name, byte* value, nuint size, int flags);
}
