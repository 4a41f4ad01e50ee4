using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Warden.Linux.Filesystem.Interop;
using Warden.Linux.Interop;
using Warden.Spec.Backend;

namespace Warden.Linux.Filesystem;

/// <summary>What is kept in a container's directory of the user whose quota limits it.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Bytes">What the file system held of the user before, in bytes.</param>
/// <param name="Inodes">The same in inodes.</param>
internal sealed record QuotaRecord(uint UserId, ulong Bytes, ulong Inodes)
{
    private const string Name = ".quota-user";
    private const string NewName = ".quota-user.new";
    private const int LargestSize = 64;

    /// <summary>The record of a container; null when it has none.</summary>
    /// <exception cref="LinuxException">It cannot be read.</exception>
    public static QuotaRecord? Read(SafeFileHandle depot, string path, string containerId)
    {
        if (FileAt.Status(depot, $"{containerId}/{Name}", out _) != 0
            || DepotFile.Read(depot, $"{containerId}/{Name}", path, LargestSize) is not { } content)
        {
            return null;
        }

        var words = Encoding.ASCII.GetString(content).TrimEnd('\n').Split(' ');
        return words.Length == 3
            && uint.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var user)
            && ulong.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
            && ulong.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out var inodes)
            ? new QuotaRecord(user, bytes, inodes)
            : null;
    }

    /// <summary>Writes the record into the container's directory.</summary>
    public void Write(SafeFileHandle depot, string path, string containerId)
    {
        FileAt.Check(
            FileAt.Open(depot, containerId, OpenFlag.Path | OpenFlag.Directory | OpenFlag.NoFollow, 0, out var directory), "open",
            $"{path}/{containerId}");
        using (directory)
        {
            DepotFile.Replace(
                directory, Name, NewName, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{UserId} {Bytes} {Inodes}\n")),
                $"{path}/{containerId}", isForced: false);
        }
    }

    /// <summary>Limits of the container's own files as limits of all that the user has; no limit stays none.</summary>
    public DiskLimits Beside(DiskLimits limits)
    {
        var blocks = (Bytes + 1023) / 1024;
        return new DiskLimits(
            Add(limits.BlockSoft, blocks), Add(limits.BlockHard, blocks), Add(limits.InodeSoft, Inodes), Add(limits.InodeHard, Inodes));

        static ulong Add(ulong limit, ulong more) => limit == 0 ? 0 : limit > ulong.MaxValue - more ? ulong.MaxValue : limit + more;
    }
}
