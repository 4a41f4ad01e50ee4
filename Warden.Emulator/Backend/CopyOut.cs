using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;
using Warden.Spec;
using Warden.Spec.Backend;

namespace Warden.Emulator.Backend;

/// <summary>
/// Copies from a container to the host. Reading is done by a process of the container that has its unprivileged user's rights. On the
/// host nothing beneath the destination is followed: a link that lies there is replaced.
/// </summary>
internal sealed class CopyOut
{
    private const int BlockSize = 1 << 17;
    private const int StatusBlock = 512;
    private const int NewDirectoryMode = 0x1ED;

    // Set-user-id and set-group-id are not kept; a directory's sticky bit is.
    private const int FileModeKept = 0x1FF;
    private const int DirectoryModeKept = 0x3FF;

    private readonly Process _process;
    private readonly HostOwner? _owner;
    private readonly byte[] _buffer = new byte[BlockSize];
    private readonly CancellationToken _cancellationToken;

    private CopyOut(Process process, HostOwner? owner, CancellationToken cancellationToken)
    {
        _process = process;
        _owner = owner;
        _cancellationToken = cancellationToken;
    }

    /// <summary>Copies a file or a tree.</summary>
    /// <exception cref="WardenException">A path is missing or may not be read or written, or the owner is unknown or cannot be set.</exception>
    public static async Task RunAsync(
        Process process, string source, string destination, string? owner, CancellationToken cancellationToken)
    {
        var mayChangeOwners = HostOwners.CanChangeOwners;
        if (owner is not null && !mayChangeOwners)
        {
            throw new WardenException($"Cannot give the copy to '{owner}': this server may not change owners on its host");
        }

        var hostOwner = owner is not null ? HostOwner.Parse(owner) : mayChangeOwners ? HostOwner.Root : (HostOwner?)null;
        var copy = new CopyOut(process, hostOwner, cancellationToken);
        var from = EmulatedContainerBackend.FromHome(ByteText.FromHost(source));
        try
        {
            var status = from.EndsWith('/') ? process.Stat(from) : process.LinkStat(from);
            await copy.EntryAsync(from, status, copy.Place(source, status.Kind == FileKind.Directory, destination)).ConfigureAwait(false);
        }
        catch (ErrnoException e)
        {
            throw new WardenException($"Cannot copy {source} from the container: {ErrnoException.Describe(e.Errno)}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var why = e is DirectoryNotFoundException ? ErrnoException.Describe(Errno.ENOENT) : e.Message;
            throw new WardenException($"Cannot copy {source} to {destination} on the host: {why}", e);
        }
    }

    // Where the source's root goes, as a path without links. Below what the request names everything is an earlier copy's.
    private string Place(string source, bool isDirectory, string destination)
    {
        var existing = HostPath.FindDirectory(destination);
        var name = CopyPlan.NameBelow(source, isDirectory, destination, existing is not null);
        var trimmed = destination.Length > 1 ? destination.TrimEnd('/') : destination;
        var place = existing ?? HostPath.Resolve(trimmed, follow: false);
        if (name is null)
        {
            return place;
        }

        if (existing is null)
        {
            HostPath.Run(place, () =>
            {
                if (HostPath.IsLeftByCopy(place))
                {
                    File.Delete(place);
                }
                else if (HostMount.Look(place) is not null)
                {
                    throw new IOException(ErrnoException.Describe(Errno.EEXIST));
                }

                MakeDirectory(place);
                HostEntry.SetMode(place, NewDirectoryMode);
                return true;
            });
        }

        return Path.Combine(place, name);
    }

    private void MakeDirectory(string path)
    {
        Directory.CreateDirectory(path);
        Own(path);
    }

    private void Own(string path)
    {
        if (_owner is { } owner)
        {
            HostOwners.ChangeOwner(path, owner.User, owner.Group);
        }
    }

    private async ValueTask EntryAsync(string from, FileStatus status, string to)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        switch (status.Kind)
        {
            case FileKind.Directory:
                await DirectoryAsync(from, status, to).ConfigureAwait(false);
                break;
            case FileKind.SymbolicLink:
                var target = ByteText.ToHost(_process.ReadLink(from));
                HostPath.Run(to, () =>
                {
                    Replace(to);
                    HostPath.MakeLink(to, target);
                    Own(to);
                    return true;
                });
                break;
            case FileKind.Regular:
                await FileAsync(from, status, to).ConfigureAwait(false);
                break;
        }
    }

    private async ValueTask DirectoryAsync(string from, FileStatus status, string to)
    {
        var entries = _process.ReadDirectory(from);
        var isNew = HostPath.Run(to, () =>
        {
            if (HostMount.Look(to) == FileKind.Directory)
            {
                return false;
            }

            Replace(to);
            MakeDirectory(to);
            return true;
        });
        foreach (var entry in entries)
        {
            var path = from.TrimEnd('/') + "/" + entry.Name;
            try
            {
                await EntryAsync(path, _process.LinkStat(path), Path.Combine(to, ByteText.ToHost(entry.Name))).ConfigureAwait(false);
            }
            catch (ErrnoException e) when (e.Errno is Errno.ENOENT or Errno.ELOOP)
            {
                // What the container removed meanwhile, or replaced by a link, is not there to be copied.
            }
        }

        // Last, so that a directory without write permission can be filled first. One that was there keeps its mode.
        if (isNew)
        {
            HostPath.Run(to, () =>
            {
                if (HostMount.Look(to) == FileKind.Directory)
                {
                    HostEntry.SetMode(to, status.Mode & DirectoryModeKept);
                }

                return true;
            });
        }
    }

    private async ValueTask FileAsync(string from, FileStatus status, string to)
    {
        var fd = await _process.OpenAsync(from, OpenFlags.Read | OpenFlags.NonBlocking | OpenFlags.NoFollow).ConfigureAwait(false);
        try
        {
            using var target = HostPath.Run(to, () =>
            {
                Replace(to);
                var file = new FileStream(to, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
                Own(to);
                return file;
            });
            int count;
            while ((count = await _process.ReadAsync(fd, _buffer).ConfigureAwait(false)) > 0)
            {
                _cancellationToken.ThrowIfCancellationRequested();
                var block = _buffer.AsMemory(0, count);
                if (status.Blocks * StatusBlock < status.Size && !block.Span.ContainsAnyExcept((byte)0))
                {
                    // A hole stays one.
                    target.Position += count;
                }
                else
                {
                    target.Write(block.Span);
                }
            }

            target.SetLength(Math.Max(target.Length, target.Position));
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(target.SafeFileHandle, (UnixFileMode)(status.Mode & FileModeKept));
            }
        }
        finally
        {
            _process.Close(fd);
        }
    }

    // A device, FIFO or socket of the host is not replaced: nobody means to lose /dev/null.
    private static void Replace(string path)
    {
        switch (HostMount.Look(path))
        {
            case null:
                break;
            case FileKind.Directory:
                throw new IOException($"{path} is a directory");
            case FileKind.Regular or FileKind.SymbolicLink:
                File.Delete(path);
                break;
            default:
                throw new IOException(ErrnoException.Describe(Errno.EEXIST));
        }
    }
}
