namespace Warden.Emulator.FileSystem;

/// <summary>What statfs(2) says.</summary>
/// <param name="TypeName">The file system's type, such as "overlay".</param>
/// <param name="Source">What is mounted.</param>
/// <param name="MountPoint">Where.</param>
/// <param name="TotalBytes">Size.</param>
/// <param name="FreeBytes">Room.</param>
/// <param name="TotalInodes">Inodes.</param>
/// <param name="FreeInodes">Free inodes.</param>
public sealed record FileSystemStatus(
    string TypeName, string Source, string MountPoint, long TotalBytes, long FreeBytes, long TotalInodes, long FreeInodes);
