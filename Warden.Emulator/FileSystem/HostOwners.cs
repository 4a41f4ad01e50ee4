using System.Runtime.InteropServices;

namespace Warden.Emulator.FileSystem;

/// <summary>
/// Owners of files of the real host: the one place that calls lchown(2), lstat(2) and geteuid(2), where the host has them. Elsewhere
/// everything is root's.
/// </summary>
internal static partial class HostOwners
{
    private const string Mark = "trusted.warden.copied";
    private const int AtCurrentDirectory = -100;
    private const int NoFollow = 0x100;
    private const uint BasicStatistics = 0x7FF;
    private const int TypeMask = 0xF000;
    private const int StatusSize = 256;

    /// <summary>Whether this process may give files to others.</summary>
    internal static bool CanChangeOwners { get; } = (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS()) && GetEffectiveUserId() == 0;

    /// <summary>The user that this process acts as; 0 where the host has none.</summary>
    internal static uint ServerUserId { get; } = OperatingSystem.IsLinux() || OperatingSystem.IsMacOS() ? GetEffectiveUserId() : 0;

    /// <summary>The type bits, owner and links of a file, not following a symbolic link; null where the host does not tell.</summary>
    internal static HostStatus? Find(string path)
    {
        Span<byte> buffer = stackalloc byte[StatusSize];
        if (OperatingSystem.IsLinux())
        {
            if (StatX(AtCurrentDirectory, path, NoFollow, BasicStatistics, ref MemoryMarshal.GetReference(buffer)) != 0)
            {
                return null;
            }

            // struct statx: the same on every architecture.
            return new(
                Read<ushort>(buffer, 28), Read<uint>(buffer, 20), Read<uint>(buffer, 24), (int)Read<uint>(buffer, 16), Read<long>(buffer, 32),
                ((int)Read<uint>(buffer, 128), (int)Read<uint>(buffer, 132)))
            {
                // Blocks of 512 bytes, and the size.
                IsSparse = Read<long>(buffer, 48) * 512 < Read<long>(buffer, 40),
            };
        }

        if (OperatingSystem.IsMacOS())
        {
            var result = RuntimeInformation.ProcessArchitecture == Architecture.X64
                ? LinkStatus64(path, ref MemoryMarshal.GetReference(buffer))
                : LinkStatus(path, ref MemoryMarshal.GetReference(buffer));
            return result != 0 ? null : new(
                Read<ushort>(buffer, 4), Read<uint>(buffer, 16), Read<uint>(buffer, 20), Read<ushort>(buffer, 6), Read<long>(buffer, 8),
                default);
        }

        return null;
    }

    /// <summary>Whether a path is a regular file, not a link to one.</summary>
    internal static bool IsRegularFile(string path) =>
        Find(path) is { } status ? (status.Mode & TypeMask) == 0x8000 : File.Exists(path) && new FileInfo(path).LinkTarget is null;

    /// <summary>Changes the owner of a file, of a link itself; does nothing where the host has no owners.</summary>
    /// <exception cref="IOException">The host refuses.</exception>
    internal static void ChangeOwner(string path, uint user, uint group)
    {
        if ((OperatingSystem.IsLinux() || OperatingSystem.IsMacOS()) && LinkChangeOwner(path, user, group) != 0)
        {
            throw new IOException($"lchown of {path}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        }
    }

    /// <summary>Marks a link as a copy's by an attribute that only root can set; false where that cannot be.</summary>
    internal static bool TryMark(string path)
    {
        byte value = (byte)'1';
        return OperatingSystem.IsLinux() && SetLinkAttribute(path, Mark, in value, 1, 0) == 0;
    }

    /// <summary>Whether a link is marked.</summary>
    internal static bool IsMarked(string path) => OperatingSystem.IsLinux() && GetLinkAttribute(path, Mark, 0, 0) >= 0;

    private static T Read<T>(ReadOnlySpan<byte> buffer, int offset)
        where T : unmanaged => MemoryMarshal.Read<T>(buffer[offset..]);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUserId();

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkChangeOwner(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "lsetxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetLinkAttribute(string path, string name, in byte value, nint size, int flags);

    [LibraryImport("libc", EntryPoint = "lgetxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetLinkAttribute(string path, string name, nint value, nint size);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int directory, string path, int flags, uint mask, ref byte status);

    [LibraryImport("libc", EntryPoint = "lstat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkStatus(string path, ref byte status);

    [LibraryImport("libc", EntryPoint = "lstat$INODE64", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkStatus64(string path, ref byte status);
}

/// <summary>What lstat(2) says of a file of the host.</summary>
/// <param name="Mode">Type and permission bits.</param>
/// <param name="UserId">The owner.</param>
/// <param name="GroupId">The group.</param>
/// <param name="Links">Hard links.</param>
/// <param name="Inode">The inode's number.</param>
/// <param name="Device">Of a device, its number.</param>
internal readonly record struct HostStatus(int Mode, uint UserId, uint GroupId, int Links, long Inode, (int Major, int Minor) Device)
{
    /// <summary>Whether blocks are missing somewhere in the file.</summary>
    public bool IsSparse { get; init; }
}
