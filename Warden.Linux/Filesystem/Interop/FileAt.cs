using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Warden.Linux.Interop;
using static Warden.Linux.Filesystem.Interop.FileCalls;

namespace Warden.Linux.Filesystem.Interop;

/// <summary>
/// Files relative to a directory's descriptor. What may fail in the course of things answers an errno (0 is success), so that the caller
/// says what it meant for its work.
/// </summary>
internal static unsafe class FileAt
{
    private const int LinkTargetSize = 4096;

    /// <summary>The directory at a path of the host, links followed; for use as the first argument of the others.</summary>
    public static int OpenDirectory(string path, out SafeFileHandle handle)
    {
        fixed (byte* name = new FileName(path))
        {
            return Wrap(
                FileCalls.OpenAt(CurrentDirectory, name, OpenFlag.ReadOnly | OpenFlag.Directory | OpenFlag.CloseOnExec, 0), out handle);
        }
    }

    /// <summary>Opens; never follows a link in the last component unless the flags leave NoFollow out.</summary>
    public static int Open(SafeFileHandle directory, FileName name, int flags, uint mode, out SafeFileHandle handle)
    {
        int errno;
        fixed (byte* path = name)
        {
            do
            {
                errno = Wrap(FileCalls.OpenAt(directory, path, flags | OpenFlag.CloseOnExec, mode), out handle);
            }
            while (errno == Errno.EINTR);
        }

        return errno;
    }

    /// <summary>Opens a path of the host as the server sees it.</summary>
    public static int OpenHost(FileName name, int flags, out SafeFileHandle handle)
    {
        fixed (byte* path = name)
        {
            return Wrap(FileCalls.OpenAt(CurrentDirectory, path, flags | OpenFlag.CloseOnExec, 0), out handle);
        }
    }

    /// <summary>Opens with rules for how the path is resolved (openat2(2)).</summary>
    public static int OpenResolved(SafeFileHandle directory, FileName name, int flags, ulong resolve, out SafeFileHandle handle)
    {
        var how = new OpenHow { Flags = (ulong)(flags | OpenFlag.CloseOnExec), Resolve = resolve };
        int errno;
        fixed (byte* path = name)
        {
            do
            {
                // EAGAIN: the kernel could not rule out that a rename on the way led outside; asking again is what it wants.
                errno = Wrap(OpenAt2(directory, path, &how), out handle);
            }
            while (errno is Errno.EINTR or Errno.EAGAIN);
        }

        return errno;
    }

    /// <summary>Opens for real what a descriptor of OpenFlag.Path names, whatever has taken its name since.</summary>
    public static int Reopen(SafeFileHandle entry, int flags, out SafeFileHandle handle) =>
        OpenHost($"/proc/self/fd/{entry.DangerousGetHandle()}", flags, out handle);

    /// <summary>The status of a name, of a link itself.</summary>
    public static int Status(SafeFileHandle directory, FileName name, out FileStatus status)
    {
        fixed (byte* path = name)
        {
            return Result(StatX(directory, path, FileCalls.NoFollow, BasicStatistics, out status));
        }
    }

    /// <summary>The status of what is open.</summary>
    public static int Status(SafeFileHandle file, out FileStatus status)
    {
        byte empty = 0;
        return Result(StatX(file, &empty, EmptyPath, BasicStatistics, out status));
    }

    public static int MakeDirectory(SafeFileHandle directory, FileName name, uint mode)
    {
        fixed (byte* path = name)
        {
            return Result(MakeDirectoryAt(directory, path, mode));
        }
    }

    public static int Remove(SafeFileHandle directory, FileName name, bool isDirectory)
    {
        fixed (byte* path = name)
        {
            return Result(UnlinkAt(directory, path, isDirectory ? RemoveDirectory : 0));
        }
    }

    public static int Rename(SafeFileHandle fromDirectory, FileName from, SafeFileHandle toDirectory, FileName to)
    {
        fixed (byte* old = from, path = to)
        {
            return Result(RenameAt(fromDirectory, old, toDirectory, path));
        }
    }

    /// <summary>Renames to a name that nothing has; else EEXIST. A plain rename replaces even a directory when that is empty.</summary>
    public static int RenameNew(SafeFileHandle fromDirectory, FileName from, SafeFileHandle toDirectory, FileName to)
    {
        fixed (byte* old = from, path = to)
        {
            return Result(RenameAt2(fromDirectory, old, toDirectory, path, NoReplace));
        }
    }

    /// <summary>Swaps two names at once.</summary>
    public static int Exchange(SafeFileHandle directory, FileName one, FileName other)
    {
        fixed (byte* first = one, second = other)
        {
            return Result(RenameAt2(directory, first, directory, second, Exchanging));
        }
    }

    public static int MakeLink(FileName target, SafeFileHandle directory, FileName name)
    {
        fixed (byte* content = target, path = name)
        {
            return Result(SymbolicLinkAt(content, directory, path));
        }
    }

    /// <summary>The target of an open link (OpenFlag.Path with NoFollow).</summary>
    public static int ReadLink(SafeFileHandle link, out FileName target)
    {
        Span<byte> buffer = stackalloc byte[LinkTargetSize];
        byte empty = 0;
        nint length;
        fixed (byte* bytes = buffer)
        {
            length = ReadLinkAt(link, &empty, bytes, buffer.Length);
        }

        target = new FileName(buffer[..(int)Math.Max(0, length)]);
        return Result(length);
    }

    /// <summary>Changes the owner of a name, of a link itself.</summary>
    public static int ChangeOwner(SafeFileHandle directory, FileName name, uint user, uint group)
    {
        fixed (byte* path = name)
        {
            return Result(ChangeOwnerAt(directory, path, user, group, FileCalls.NoFollow));
        }
    }

    /// <summary>Changes the owner of what is open.</summary>
    public static int ChangeOwner(SafeFileHandle file, uint user, uint group)
    {
        byte empty = 0;
        return Result(ChangeOwnerAt(file, &empty, user, group, EmptyPath));
    }

    public static int ChangeMode(SafeFileHandle file, uint mode) => Result(FileCalls.ChangeMode(file, mode));

    /// <summary>Reads once; answers the count, or the errno as a negative number.</summary>
    public static int Read(SafeFileHandle file, Span<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            while (true)
            {
                var count = FileCalls.Read(file, bytes, buffer.Length);
                if (count >= 0 || Marshal.GetLastPInvokeError() != Errno.EINTR)
                {
                    return count >= 0 ? (int)count : -Marshal.GetLastPInvokeError();
                }
            }
        }
    }

    /// <summary>Writes all of it.</summary>
    public static int Write(SafeFileHandle file, ReadOnlySpan<byte> content)
    {
        fixed (byte* bytes = content)
        {
            for (var written = 0; written < content.Length;)
            {
                var count = FileCalls.Write(file, bytes + written, content.Length - written);
                if (count >= 0)
                {
                    written += (int)count;
                }
                else if (Marshal.GetLastPInvokeError() is var errno && errno != Errno.EINTR)
                {
                    return errno;
                }
            }
        }

        return 0;
    }

    /// <summary>Waits until the content is on the disk.</summary>
    public static int Synchronize(SafeFileHandle file) => Result(FileCalls.Synchronize(file));

    /// <summary>Sets the length.</summary>
    public static int Truncate(SafeFileHandle file, long length) => Result(FileCalls.Truncate(file, length));

    /// <summary>An ioctl(2); answers the errno, or 0.</summary>
    public static int Control(SafeFileHandle file, nuint request, void* argument) => Result(FileCalls.Control(file, request, argument));

    /// <summary>The magic number of the file system (statfs(2)).</summary>
    public static long FileSystemType(SafeFileHandle file)
    {
        // struct statfs begins with it on every architecture of 64 bits, and is of 120 bytes.
        var buffer = stackalloc byte[256];
        return FileSystemStatus(file, buffer) == 0 ? *(long*)buffer : throw LinuxException.Last("ask for the file system of the depot");
    }

    /// <summary>Throws unless the errno is 0.</summary>
    public static void Check(int errno, string operation, string? path)
    {
        if (errno != 0)
        {
            throw new LinuxException(operation, path, errno);
        }
    }

    private static int Wrap(int descriptor, out SafeFileHandle handle)
    {
        var errno = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
        handle = new SafeFileHandle(descriptor, ownsHandle: true);
        return errno;
    }

    private static int Result(nint result) => result < 0 ? Marshal.GetLastPInvokeError() : 0;
}
