using Warden.Emulator.FileSystem;
using Warden.Spec.Backend;

namespace Warden.Emulator.Machine;

// What is mounted.
public sealed partial class EmulatedContainer
{
    private readonly List<Volume> _volumes = [];

    /// <summary>The mounted file systems in the order of their mounting; with the gate held.</summary>
    internal IReadOnlyList<Volume> Volumes => _volumes;

    /// <summary>Mounts a file system of a type: "tmpfs", "proc", "sysfs", "devtmpfs".</summary>
    internal Volume AddVolume(string type, string mountPoint)
    {
        var volume = new Volume(this, type, type, mountPoint) { IsMemory = type == "tmpfs" };
        _volumes.Add(volume);
        return volume;
    }

    /// <summary>Looks at what the image mounts, which happens at the first look alone. With the gate held.</summary>
    internal void MountAll()
    {
        foreach (var path in (ReadOnlySpan<string>)["/dev", "/dev/shm", "/proc", "/sys"])
        {
            try
            {
                PathWalk.Resolve(Init, path, follow: true);
            }
            catch (ErrnoException)
            {
                // The container has removed or replaced the directory above it.
            }
        }
    }

    private void Bind(BindMountSpec mount)
    {
        lock (Gate)
        {
            var volume = new Volume(this, "ext4", ByteText.FromHost(mount.SourcePath), mount.TargetPath)
            {
                IsReadOnly = !mount.Writable,
                HostPath = mount.SourcePath,
            };
            var root = HostMount.Open(volume, mount.SourcePath);
            var (directory, name) = MakeMountPoint(mount.TargetPath, root.Kind == FileKind.Directory);
            directory.Mount(name, root);
            _volumes.Add(volume);
        }
    }

    // Missing components are made; a target beneath another mount is made there, by the host's means.
    private (DirectoryInode Directory, string Name) MakeMountPoint(string path, bool isDirectory)
    {
        var components = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (components.Length == 0)
        {
            throw new ErrnoException(Errno.EBUSY);
        }

        var place = default(Place);
        var walked = "";
        for (var i = 0; i < components.Length; i++)
        {
            walked += "/" + components[i];
            place = PathWalk.Resolve(Init, walked, follow: true);
            var last = i == components.Length - 1;
            if (place.Node is null && (!last || isDirectory))
            {
                place.Directory.CreateDirectory(Init, place.Name, 0x1ED);
            }
            else if (place.Node is null)
            {
                place.Directory.Create(Init, place.Name, FileKind.Regular, 0x1A4, default);
            }
        }

        var node = PathWalk.Resolve(Init, path, follow: true).Existing;
        if (node is DirectoryInode != isDirectory)
        {
            throw new ErrnoException(isDirectory ? Errno.ENOTDIR : Errno.EISDIR);
        }

        var directory = node is DirectoryInode own ? own.Parent : place.Directory;
        var name = node is DirectoryInode named ? named.Name : place.Name;
        return (directory, name);
    }
}
