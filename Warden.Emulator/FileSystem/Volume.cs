using Warden.Emulator.Machine;

namespace Warden.Emulator.FileSystem;

/// <summary>A mounted file system of one container.</summary>
/// <param name="container">The container.</param>
/// <param name="typeName">The type, as in mounts(5).</param>
/// <param name="source">What is mounted.</param>
/// <param name="mountPoint">Where.</param>
internal sealed class Volume(EmulatedContainer container, string typeName, string source, string mountPoint)
{
    /// <summary>The container.</summary>
    internal EmulatedContainer Container { get; } = container;

    /// <summary>The type, as in mounts(5).</summary>
    internal string TypeName { get; } = typeName;

    /// <summary>What is mounted.</summary>
    internal string Source { get; } = source;

    /// <summary>Where.</summary>
    internal string MountPoint { get; } = mountPoint;

    /// <summary>st_dev.</summary>
    internal int Device { get; } = container.NextDevice();

    /// <summary>Whether every change is refused, root's too.</summary>
    internal bool IsReadOnly { get; init; }

    /// <summary>The path on the real host that is mounted, if one is.</summary>
    internal string? HostPath { get; init; }

    /// <summary>Whether what is on it counts as disk use of the container.</summary>
    internal bool IsDisk { get; init; }

    /// <summary>Whether what is on it lies in the container's memory (tmpfs).</summary>
    internal bool IsMemory { get; init; }

    /// <summary>
    /// Accounts blocks of 1024 bytes to the owner of a file before they are written; negative counts give back.
    /// </summary>
    /// <exception cref="ErrnoException">EDQUOT, ENOSPC.</exception>
    internal void ChargeBlocks(Process? process, uint owner, long blocks)
    {
        if (blocks == 0)
        {
            return;
        }

        if (IsDisk)
        {
            Container.Disk.ChargeBlocks(process, owner, blocks);
        }
        else if (IsMemory)
        {
            Container.ChargeShared(process, blocks * DiskAccount.BlockSize);
        }
    }

    /// <summary>Accounts an inode to its owner.</summary>
    /// <exception cref="ErrnoException">EDQUOT.</exception>
    internal void ChargeInode(Process? process, uint owner, int count)
    {
        if (IsDisk)
        {
            Container.Disk.ChargeInodes(process, owner, count);
        }
    }

    /// <summary>What statfs(2) says; with the gate held.</summary>
    internal FileSystemStatus Measure()
    {
        const long TemporaryBytes = 1L << 30;
        if (IsDisk)
        {
            var disk = Container.Disk;
            return new(
                TypeName, Source, MountPoint, disk.CapacityBlocks * DiskAccount.BlockSize, disk.FreeBlocks * DiskAccount.BlockSize,
                disk.CapacityInodes, disk.FreeInodes);
        }

        return IsMemory
            ? new(TypeName, Source, MountPoint, TemporaryBytes, Math.Max(0, TemporaryBytes - Container.SharedBytes), 65536, 65536)
            : HostRoom() is { } room
            ? new(TypeName, Source, MountPoint, room.Total, room.Free, 0, 0)
            : new(TypeName, Source, MountPoint, 0, 0, 0, 0);
    }

    private (long Total, long Free)? HostRoom()
    {
        if (HostPath is null)
        {
            return null;
        }

        try
        {
            var drive = new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(HostPath)! : HostPath);
            return (drive.TotalSize, drive.AvailableFreeSpace);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
