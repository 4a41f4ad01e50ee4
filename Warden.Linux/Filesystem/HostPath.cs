using Microsoft.Win32.SafeHandles;
using Warden.Linux.Filesystem.Interop;
using Warden.Linux.Interop;

namespace Warden.Linux.Filesystem;

/// <summary>
/// Paths of the host that a request names. They are the client's own, and so are the links on the way, except those that an earlier copy
/// left there: their targets are a container's words. CopyOut marks each link it makes, and no path leads through one that is marked.
/// </summary>
internal static unsafe class HostPath
{
    private const string Mark = "trusted.warden.copied";
    private const int MostLinks = 40;
    private const long ProcFileSystem = 0x9FA0;

    // A link and its mark are two system calls: nobody looks at it between them.
    private static readonly Lock Gate = new();

    // Where the file system keeps no attributes of links, the server remembers them as long as it runs.
    private static readonly HashSet<(ulong, ulong)> Remembered = [];

    /// <summary>Opens what a path names (OpenFlag.Path). ELOOP: the path leads through a link that a copy left.</summary>
    /// <param name="path">A relative one begins at the server's directory.</param>
    /// <param name="follow">Whether a link in the last component is followed.</param>
    /// <param name="handle">What is open.</param>
    /// <returns>0 or the errno.</returns>
    public static int Open(string path, bool follow, out SafeFileHandle handle)
    {
        // As for open(2), an empty path names nothing.
        var errno = path.Length == 0 ? Errno.ENOENT : 0;
        var components = new Stack<FileName>();
        Push(components, new FileName(path).Bytes);
        handle = new SafeFileHandle();
        for (var links = 0; errno == 0;)
        {
            if (handle.IsInvalid)
            {
                errno = OpenStart(path[0] == '/', ref handle);
                continue;
            }

            if (!components.TryPop(out var name))
            {
                return 0;
            }

            errno = Step(handle, name, out var next, out var target, follow || components.Count > 0);
            if (errno == 0 && target is { } link)
            {
                next.Dispose();
                errno = ++links > MostLinks ? Errno.ELOOP : 0;
                Push(components, link.Bytes);
                if (link.Bytes is [(byte)'/', ..])
                {
                    errno = errno == 0 ? OpenStart(true, ref handle) : errno;
                }

                continue;
            }

            handle.Dispose();
            handle = next;
        }

        return errno;
    }

    /// <summary>Opens the directory that a path's last component lies in.</summary>
    public static int OpenPlace(string path, out FileName name, out SafeFileHandle place)
    {
        var trimmed = path.TrimEnd('/');
        var slash = trimmed.LastIndexOf('/');
        name = trimmed[(slash + 1)..];
        var errno = Open(slash < 0 ? "." : trimmed[..(slash + 1)], follow: true, out place);
        return errno != 0 ? errno : FileAt.Status(place, out var status) is var failure && failure != 0 ? failure
            : status.IsDirectory ? 0 : Errno.ENOTDIR;
    }

    /// <summary>The path without links of what a path of the host names, links followed.</summary>
    /// <returns>0 or the errno.</returns>
    public static int Find(string path, out string real, out bool isDirectory)
    {
        (real, isDirectory) = (path, false);
        var errno = Open(path, follow: true, out var handle);
        using (handle)
        {
            if (errno != 0 || (errno = FileAt.Status(handle, out var status)) != 0)
            {
                return errno;
            }

            isDirectory = status.IsDirectory;
            errno = FileAt.OpenHost($"/proc/self/fd/{handle.DangerousGetHandle()}", OpenFlag.Path | OpenFlag.NoFollow, out var name);
            using (name)
            {
                if (errno == 0 && (errno = FileAt.ReadLink(name, out var target)) == 0)
                {
                    real = target.ToString();
                }
            }
        }

        return errno;
    }

    /// <summary>Makes a link whose target is a container's words.</summary>
    /// <returns>0 or the errno.</returns>
    public static int MakeLink(FileName target, SafeFileHandle place, FileName name)
    {
        lock (Gate)
        {
            var errno = FileAt.MakeLink(target, place, name);
            if (errno == 0 && !SetMark(place, name) && (errno = FileAt.Status(place, name, out var status)) == 0)
            {
                Remembered.Add(status.Identity);
            }

            return errno;
        }
    }

    /// <summary>Whether there is a link that a copy made.</summary>
    public static bool IsLeftByCopy(SafeFileHandle place, FileName name)
    {
        lock (Gate)
        {
            return FileAt.Status(place, name, out var status) == 0 && status.IsLink && IsMarked(place, name, status);
        }
    }

    private static void Push(Stack<FileName> components, ReadOnlySpan<byte> path)
    {
        for (var end = path.Length; end > 0;)
        {
            var slash = path[..end].LastIndexOf((byte)'/');
            var name = path[(slash + 1)..end];
            if (name.Length > 0 && !name.SequenceEqual("."u8))
            {
                components.Push(new FileName(name));
            }

            end = Math.Max(slash, 0);
        }
    }

    private static int OpenStart(bool isAbsolute, ref SafeFileHandle handle)
    {
        handle.Dispose();
        return FileAt.OpenHost(isAbsolute ? "/" : ".", OpenFlag.Path | OpenFlag.Directory, out handle);
    }

    // One component. A link's target is handed back when it is to be followed.
    private static int Step(SafeFileHandle directory, FileName name, out SafeFileHandle next, out FileName? target, bool follow)
    {
        target = null;
        lock (Gate)
        {
            var errno = FileAt.Open(directory, name, OpenFlag.Path | OpenFlag.NoFollow, 0, out next);
            if (errno != 0 || (errno = FileAt.Status(next, out var status)) != 0 || !status.IsLink || !follow)
            {
                return errno;
            }

            if (IsMarked(directory, name, status))
            {
                return Errno.ELOOP;
            }
        }

        // What the links of proc(5) read as is no path that leads to what they name.
        if (FileAt.FileSystemType(directory) == ProcFileSystem)
        {
            next.Dispose();
            return FileAt.Open(directory, name, OpenFlag.Path, 0, out next);
        }

        var failure = FileAt.ReadLink(next, out var link);
        target = link;
        return failure;
    }

    private static bool SetMark(SafeFileHandle place, FileName name)
    {
        byte value = (byte)'1';
        fixed (byte* path = PathOf(place, name), mark = new FileName(Mark))
        {
            return FileCalls.SetLinkAttribute(path, mark, &value, 1, 0) == 0;
        }
    }

    private static bool IsMarked(SafeFileHandle place, FileName name, in FileStatus status)
    {
        fixed (byte* path = PathOf(place, name), mark = new FileName(Mark))
        {
            return FileCalls.GetLinkAttribute(path, mark, null, 0) >= 0 || Remembered.Contains(status.Identity);
        }
    }

    private static FileName PathOf(SafeFileHandle place, FileName name) =>
        new FileName($"/proc/self/fd/{place.DangerousGetHandle()}").Child(name);
}
