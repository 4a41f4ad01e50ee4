using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Warden.Linux.Filesystem.Interop;
using Warden.Linux.Interop;
using Warden.Spec;

namespace Warden.Linux.Filesystem;

/// <summary>
/// A depot with disk limits on any host: a file that holds a btrfs file system, <c>DEPOT.btrfs.img</c> beside the depot, mounted at it.
/// </summary>
internal static class DepotImage
{
    /// <summary>mkfs.btrfs(8) takes nothing smaller.</summary>
    public const long SmallestSize = 128L << 20;

    private const string Suffix = ".btrfs.img";
    private const string Program = "mkfs.btrfs";

    /// <summary>The image file of a depot, whether it is there or not.</summary>
    public static string PathFor(string depotPath) => Normalize(depotPath) + Suffix;

    /// <summary>Makes the image unless it is there, and mounts it unless it is. The file takes space only as it is filled.</summary>
    /// <param name="depotPath">The depot.</param>
    /// <param name="size">The most that all containers may take together, in bytes.</param>
    /// <exception cref="WardenException">mkfs.btrfs is missing or fails, or the depot already holds something.</exception>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public static void Ensure(string depotPath, long size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, SmallestSize);
        depotPath = Normalize(depotPath);
        Directory.CreateDirectory(depotPath);
        var image = PathFor(depotPath);
        if (!File.Exists(image))
        {
            if (Directory.EnumerateFileSystemEntries(depotPath).Any())
            {
                throw new WardenException($"The depot {depotPath} holds something, which a file system mounted on it would hide: empty it first");
            }

            Make(image, size);
        }

        Mount(depotPath);
    }

    /// <summary>Mounts the image of a depot; does nothing when there is none or something is mounted at the depot.</summary>
    public static void Mount(string depotPath)
    {
        depotPath = Normalize(depotPath);
        var path = PathFor(depotPath);
        if (!File.Exists(path))
        {
            return;
        }

        // What was raised before there was an image would count as a file system of the depot's own.
        DepotShield.Lower(depotPath);
        if (IsMounted(depotPath))
        {
            return;
        }

        using var loop = OpenAttached(MountTable.Canonical(path), out var device) ?? Attach(path, out device);
        MountCalls.MountData(device, depotPath, "btrfs");
    }

    /// <summary>Unmounts the image of a depot where that is what is mounted there. The file stays.</summary>
    /// <exception cref="LinuxException">Something in it is in use.</exception>
    public static void Unmount(string depotPath)
    {
        depotPath = Normalize(depotPath);
        if (Directory.Exists(depotPath) && MountTable.SourceOf(MountTable.Canonical(depotPath)) is { } source
            && BackingFile($"/sys/block/{Path.GetFileName(source)}") == MountTable.Canonical(PathFor(depotPath)))
        {
            MountCalls.Unmount(depotPath);
        }
    }

    // One image behind two devices would be two file systems that write to the same blocks. A device that is open stays what it is.
    private static SafeFileHandle? OpenAttached(string image, out string device)
    {
        device = "";
        foreach (var block in Directory.GetDirectories("/sys/block", "loop*").Where(block => BackingFile(block) == image))
        {
            var loop = LoopCalls.TryOpen(int.Parse(Path.GetFileName(block)["loop".Length..], CultureInfo.InvariantCulture), out device);
            if (loop is not null && BackingFile(block) == image)
            {
                return loop;
            }

            loop?.Dispose();
        }

        return null;
    }

    private static SafeFileHandle Attach(string path, out string device)
    {
        FileAt.Check(FileAt.OpenHost(path, OpenFlag.ReadWrite, out var image), "open", path);
        using (image)
        {
            return LoopCalls.Attach(image, path, out device);
        }
    }

    private static string Normalize(string path) => Path.GetFullPath(path).TrimEnd('/');

    private static bool IsMounted(string path)
    {
        FileAt.Check(FileAt.OpenHost(path, OpenFlag.Path, out var entry), "open", path);
        using (entry)
        {
            FileAt.Check(FileAt.Status(entry, out var status), "open", path);
            return status.IsMountRoot;
        }
    }

    // Null for a device that has none, be it that it just lost it.
    private static string? BackingFile(string block)
    {
        try
        {
            return File.ReadAllText($"{block}/loop/backing_file").TrimEnd('\n');
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static void Make(string path, long size)
    {
        // It has its name only when it is whole.
        var temporary = path + ".new";
        try
        {
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                File.SetUnixFileMode(file.SafeFileHandle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                file.SetLength(size);
            }

            Format(temporary);
            File.Move(temporary, path);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static void Format(string path)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(Program, ["--quiet", "--force", "--label", "warden", path])
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                })!;

            // Its notes are nobody's business, quiet as it was told to be; only what it complains of is.
            var notes = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            notes.GetAwaiter().GetResult();
            if (process.ExitCode != 0)
            {
                throw new WardenException($"{Program} cannot make a file system in {path}: {error.Trim()}");
            }
        }
        catch (Win32Exception e)
        {
            throw new WardenException($"Cannot run {Program}: install btrfs-progs", e);
        }
    }
}
