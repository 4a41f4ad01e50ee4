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
        var from = ByteText.FromHost(source);
        try
        {
            var status = from.EndsWith('/') ? process.Stat(from) : process.LinkStat(from);
            var target = CopyPlan.Target(
                source, status.Kind == FileKind.Directory, destination, Directory.Exists(destination), out var parent);
            if (parent is not null && !Directory.Exists(parent))
            {
                copy.MakeDirectory(parent.TrimEnd('/'));
            }

            await copy.EntryAsync(from, status, target, top: true).ConfigureAwait(false);
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

    private void MakeDirectory(string path)
    {
        // Directory.CreateDirectory would make all that is missing; of a destination only the last component is created.
        var parent = Path.GetDirectoryName(Path.GetFullPath(path));
        if (parent is not null && !Directory.Exists(parent))
        {
            throw new DirectoryNotFoundException($"{parent} is no directory");
        }

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

    private async ValueTask EntryAsync(string from, FileStatus status, string to, bool top = false)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        switch (status.Kind)
        {
            case FileKind.Directory:
                await DirectoryAsync(from, status, to, top).ConfigureAwait(false);
                break;
            case FileKind.SymbolicLink:
                Replace(to);
                File.CreateSymbolicLink(to, ByteText.ToHost(_process.ReadLink(from)));
                Own(to);
                break;
            case FileKind.Regular:
                await FileAsync(from, status, to).ConfigureAwait(false);
                break;
        }
    }

    private async ValueTask DirectoryAsync(string from, FileStatus status, string to, bool top)
    {
        var existing = HostEntry.Find(to.Length > 1 ? to.TrimEnd('/') : to);
        var keep = existing is DirectoryInfo || (top && Directory.Exists(to));
        if (!keep)
        {
            existing?.Delete();
            MakeDirectory(to);
        }

        foreach (var entry in _process.ReadDirectory(from))
        {
            var path = from.TrimEnd('/') + "/" + entry.Name;
            var name = ByteText.ToHost(entry.Name);
            await EntryAsync(path, _process.LinkStat(path), to.TrimEnd('/') + "/" + name).ConfigureAwait(false);
        }

        if (!keep)
        {
            HostEntry.SetMode(to, status.Mode);
        }
    }

    private async ValueTask FileAsync(string from, FileStatus status, string to)
    {
        var fd = await _process.OpenAsync(from, OpenFlags.Read | OpenFlags.NonBlocking).ConfigureAwait(false);
        try
        {
            Replace(to);
            using (var target = new FileStream(to, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                int count;
                while ((count = await _process.ReadAsync(fd, _buffer).ConfigureAwait(false)) > 0)
                {
                    _cancellationToken.ThrowIfCancellationRequested();
                    target.Write(_buffer.AsSpan(0, count));
                }
            }
        }
        finally
        {
            _process.Close(fd);
        }

        // The owner first: a change of owner clears set-user-id.
        Own(to);
        HostEntry.SetMode(to, status.Mode);
    }

    private static void Replace(string path)
    {
        switch (HostEntry.Find(path))
        {
            case null:
                break;
            case DirectoryInfo:
                throw new IOException($"{path} is a directory");
            case { } file:
                file.Delete();
                break;
        }
    }
}
