using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Warden.Linux.Interop;

namespace Warden.Linux.Cgroups.Interop;

/// <summary>
/// The files and directories of a cgroup hierarchy. One write(2) is one order to the kernel, and its error number is the answer, which is
/// why they are not written through streams.
/// </summary>
internal static partial class CgroupFile
{
    private const int O_WRONLY = 1;
    private const int O_CLOEXEC = 0x80000;

    /// <summary>Makes a group.</summary>
    /// <returns>0, or the error's number.</returns>
    public static int TryMake(string directory) => MakeDirectory(directory, 0x1ED) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Removes a group.</summary>
    /// <returns>0, or the error's number: EBUSY while it holds processes or groups.</returns>
    public static int TryRemove(string directory) => RemoveDirectory(directory) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Opens a file to read; it may be read again and again.</summary>
    public static SafeFileHandle Open(string path)
    {
        var file = OpenFile(path, O_CLOEXEC);
        return file.IsInvalid ? throw LinuxException.Last("open", path) : file;
    }

    /// <summary>Reads a file from its beginning as far as the buffer goes.</summary>
    public static unsafe int Read(SafeFileHandle file, string path, Span<byte> buffer)
    {
        var length = 0;
        fixed (byte* bytes = buffer)
        {
            while (length < buffer.Length)
            {
                var count = ReadAt(file, bytes + length, (nuint)(buffer.Length - length), length);
                if (count < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR)
                {
                    continue;
                }

                if (count <= 0)
                {
                    return count == 0 ? length : throw LinuxException.Last("read", path);
                }

                length += (int)count;
            }
        }

        return length;
    }

    /// <summary>Reads a whole file of any length; null when its group is gone.</summary>
    public static string? TryReadText(string path)
    {
        using var file = OpenFile(path, O_CLOEXEC);
        if (file.IsInvalid)
        {
            return Marshal.GetLastPInvokeError() is Errno.ENOENT or Errno.ENODEV ? null : throw LinuxException.Last("open", path);
        }

        var buffer = new byte[4096];
        try
        {
            for (var length = Read(file, path, buffer); ; length = Read(file, path, buffer))
            {
                if (length < buffer.Length)
                {
                    return Encoding.ASCII.GetString(buffer, 0, length);
                }

                Array.Resize(ref buffer, buffer.Length * 4);
            }
        }
        catch (LinuxException e) when (e.Errno == Errno.ENODEV)
        {
            return null;
        }
    }

    /// <summary>Reads a number.</summary>
    public static ulong ReadNumber(string path)
    {
        using var file = Open(path);
        return ReadNumber(file, path);
    }

    /// <inheritdoc cref="ReadNumber(string)"/>
    public static ulong ReadNumber(SafeFileHandle file, string path)
    {
        Span<byte> buffer = stackalloc byte[32];
        var length = Read(file, path, buffer);
        return Utf8Parser.TryParse(buffer[..length], out ulong value, out _)
            ? value
            : throw new InvalidDataException($"{path} holds no number: {Encoding.ASCII.GetString(buffer[..length])}");
    }

    /// <summary>Writes an order.</summary>
    /// <exception cref="LinuxException">The kernel refused it.</exception>
    public static void Write(string path, string text)
    {
        var error = TryWrite(path, text);
        if (error != 0)
        {
            throw new LinuxException($"write \"{text}\" to", path, error);
        }
    }

    /// <summary>Writes an order.</summary>
    /// <returns>0, or the error's number.</returns>
    public static int TryWrite(string path, string text)
    {
        Span<byte> bytes = stackalloc byte[text.Length];
        Encoding.ASCII.GetBytes(text, bytes);
        using var file = OpenFile(path, O_WRONLY | O_CLOEXEC);
        return file.IsInvalid ? Marshal.GetLastPInvokeError() : TryWrite(file, bytes);
    }

    private static unsafe int TryWrite(SafeFileHandle file, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            while (WriteFile(file, start, (nuint)bytes.Length) < 0)
            {
                // The runtime's own signals may interrupt a long order, such as a limit for which memory is reclaimed first.
                var error = Marshal.GetLastPInvokeError();
                if (error != Errno.EINTR)
                {
                    return error;
                }
            }
        }

        return 0;
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial SafeFileHandle OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    private static unsafe partial nint ReadAt(SafeFileHandle file, byte* buffer, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static unsafe partial nint WriteFile(SafeFileHandle file, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "mkdir", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int MakeDirectory(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "rmdir", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int RemoveDirectory(string path);
}
