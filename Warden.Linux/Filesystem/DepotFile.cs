using Microsoft.Win32.SafeHandles;
using Warden.Linux.Filesystem.Interop;
using Warden.Linux.Interop;

namespace Warden.Linux.Filesystem;

/// <summary>Small files that are read and replaced as a whole.</summary>
internal static class DepotFile
{
    /// <summary>The content; null when there is no such file.</summary>
    public static byte[]? Read(SafeFileHandle directory, FileName name, string path, int largest)
    {
        var errno = FileAt.Open(directory, name, OpenFlag.ReadOnly | OpenFlag.NoFollow | OpenFlag.NonBlocking, 0, out var file);
        using (file)
        {
            return errno == Errno.ENOENT ? null : ReadAll(errno, file, $"{path}/{name}", largest);
        }
    }

    /// <summary>Reads what is open to its end.</summary>
    /// <exception cref="LinuxException">It is no regular file, is larger, or cannot be read.</exception>
    public static byte[] ReadAll(int errno, SafeFileHandle file, string path, int largest)
    {
        FileAt.Check(errno, "open", path);
        FileAt.Check(FileAt.Status(file, out var status), "read", path);
        FileAt.Check(status.IsRegular ? 0 : Errno.EINVAL, "read", path);
        FileAt.Check(status.Size <= largest ? 0 : Errno.EFBIG, "read", path);
        var content = new byte[status.Size + 1];
        var length = 0;
        while (true)
        {
            var count = FileAt.Read(file, content.AsSpan(length));
            FileAt.Check(Math.Max(0, -count), "read", path);
            length += Math.Max(0, count);
            if (count <= 0)
            {
                return content[..length];
            }

            if (length == content.Length)
            {
                FileAt.Check(length <= largest ? 0 : Errno.EFBIG, "read", path);
                Array.Resize(ref content, length * 2);
            }
        }
    }

    /// <summary>Replaces the content at once: a reader, and a server that comes after a killed one, sees the old or the new.</summary>
    /// <param name="directory">The file's directory.</param>
    /// <param name="name">Its name.</param>
    /// <param name="temporary">The name that the new content is written under; what has it is overwritten, and may have it afterwards.</param>
    /// <param name="content">The new content.</param>
    /// <param name="path">The directory's path, for what is said of a failure.</param>
    /// <param name="isForced">Whether it is to be on the disk when this returns.</param>
    public static void Replace(
        SafeFileHandle directory, FileName name, FileName temporary, ReadOnlySpan<byte> content, string path, bool isForced)
    {
        // Not truncated first: a file that was emptied and written is begun to be written to the disk when it is closed (ext4's auto_da_alloc).
        var errno = FileAt.Open(directory, temporary, OpenFlag.WriteOnly | OpenFlag.Create | OpenFlag.NoFollow, 0x1A4, out var file);
        FileAt.Check(errno, "make the file", $"{path}/{temporary}");
        using (file)
        {
            errno = FileAt.Write(file, content);
            if (errno == 0)
            {
                errno = Shorten(file, content.Length);
            }

            if (errno == 0 && isForced)
            {
                errno = FileAt.Synchronize(file);
            }
        }

        if (errno != 0)
        {
            // Half a file is of no use, and takes room where there may be none.
            FileAt.Remove(directory, temporary, isDirectory: false);
            FileAt.Check(errno, "write", $"{path}/{temporary}");
        }

        // A rename onto a file begins to write the new one to the disk (auto_da_alloc, btrfs alike), and whoever removes it has to wait for
        // that. An exchange does not, and leaves the old one for the next time: to make a file and to remove one takes longer than all else.
        if (isForced || FileAt.Exchange(directory, temporary, name) != 0)
        {
            FileAt.Check(FileAt.Rename(directory, temporary, directory, name), "replace", $"{path}/{name}");
        }
    }

    private static int Shorten(SafeFileHandle file, int length)
    {
        var errno = FileAt.Status(file, out var status);
        return errno == 0 && status.Size > length ? FileAt.Truncate(file, length) : errno;
    }
}
