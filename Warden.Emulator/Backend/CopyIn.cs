using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;
using Warden.Spec;
using Warden.Spec.Backend;

namespace Warden.Emulator.Backend;

/// <summary>
/// Copies from the host into a container, by a process of the container that has its unprivileged user's rights: what arrives is that
/// user's, and what it may not write fails.
/// </summary>
internal sealed class CopyIn
{
    private const int BlockSize = 1 << 17;

    private readonly Process _process;
    private readonly CancellationToken _cancellationToken;

    private CopyIn(Process process, CancellationToken cancellationToken)
    {
        _process = process;
        _cancellationToken = cancellationToken;
    }

    /// <summary>Copies a file or a tree.</summary>
    /// <exception cref="WardenException">A path is missing, or may not be read or written.</exception>
    public static async Task RunAsync(Process process, string source, string destination, CancellationToken cancellationToken)
    {
        var copy = new CopyIn(process, cancellationToken);
        var target = EmulatedContainerBackend.FromHome(ByteText.FromHost(destination));
        FileSystemInfo info;
        try
        {
            info = HostEntry.Find(HostPath.Resolve(source, source.EndsWith('/')))
                ?? throw new WardenException($"Source path of the copy does not exist: {source}");
        }
        catch (IOException e)
        {
            throw new WardenException($"Cannot copy {source} to {destination} in the container: {e.Message}", e);
        }

        var isDirectory = info is DirectoryInfo && info.LinkTarget is null;
        try
        {
            var path = CopyPlan.Target(ByteText.FromHost(source), isDirectory, target, copy.IsDirectory(target), out var parent);
            if (parent is not null)
            {
                copy.MakeDirectory(parent);
            }

            await copy.EntryAsync(info, path).ConfigureAwait(false);
        }
        catch (ErrnoException e)
        {
            throw new WardenException($"Cannot copy {source} to {destination} in the container: {ErrnoException.Describe(e.Errno)}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WardenException($"Cannot copy {source} to {destination} in the container: {e.Message}", e);
        }
    }

    private bool IsDirectory(string path)
    {
        try
        {
            return _process.Stat(path).Kind == FileKind.Directory;
        }
        catch (ErrnoException)
        {
            return false;
        }
    }

    private FileKind? KindAt(string path)
    {
        try
        {
            return _process.LinkStat(path).Kind;
        }
        catch (ErrnoException e) when (e.Errno == Errno.ENOENT)
        {
            return null;
        }
    }

    private void MakeDirectory(string path)
    {
        if (!IsDirectory(path))
        {
            _process.MakeDirectory(path.Length > 1 ? path.TrimEnd('/') : path);
        }
    }

    private async ValueTask EntryAsync(FileSystemInfo entry, string path)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        if (entry.LinkTarget is { } linkTarget)
        {
            Replace(path);
            _process.SymbolicLink(ByteText.FromHost(linkTarget), path);
        }
        else if (entry is DirectoryInfo directory)
        {
            await DirectoryAsync(directory, path).ConfigureAwait(false);
        }
        else if (HostEntry.IsRegular(entry))
        {
            await FileAsync((FileInfo)entry, path).ConfigureAwait(false);
        }
    }

    private async ValueTask DirectoryAsync(DirectoryInfo directory, string path)
    {
        var existed = IsDirectory(path);
        MakeDirectory(path);
        foreach (var entry in HostPath.Run(Path.Combine(directory.FullName, "."), () => directory.GetFileSystemInfos()))
        {
            try
            {
                await EntryAsync(entry, path.TrimEnd('/') + "/" + ByteText.FromHost(entry.Name)).ConfigureAwait(false);
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                // What its owner removed meanwhile is not there to be copied.
            }
        }

        // Last, so that a directory without write permission can be filled first. One that was there keeps its mode.
        if (!existed)
        {
            _process.ChangeMode(path, HostEntry.Mode(directory) & 0x3FF);
        }
    }

    private async ValueTask FileAsync(FileInfo file, string path)
    {
        using var source = HostPath.Run(file.FullName, () => HostEntry.IsRegular(file)
            ? new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0)
            : throw new FileNotFoundException(null, file.FullName));
        var isSparse = HostOwners.Find(file.FullName) is { IsSparse: true };
        Replace(path);
        var fd = await _process.OpenAsync(path, OpenFlags.Write | OpenFlags.Create | OpenFlags.Exclusive, 0x180).ConfigureAwait(false);
        try
        {
            var buffer = new byte[(int)Math.Clamp(source.Length, 1, BlockSize)];
            int count;
            long length = 0;
            while ((count = source.Read(buffer)) > 0)
            {
                _cancellationToken.ThrowIfCancellationRequested();
                var isHole = isSparse && !buffer.AsSpan(0, count).ContainsAnyExcept((byte)0);
                if (isHole)
                {
                    _process.GetFile(fd).Seek(count, SeekOrigin.Current);
                }
                else
                {
                    await _process.WriteAsync(fd, buffer.AsMemory(0, count)).ConfigureAwait(false);
                }

                length += count;
            }

            if (isSparse)
            {
                _process.GetFile(fd).Truncate(_process, length);
            }
        }
        finally
        {
            _process.Close(fd);
        }

        // Set-user-id and set-group-id are not kept.
        _process.ChangeMode(path, HostEntry.Mode(file) & 0x1FF);
    }

    // A file that is replaced gets a new inode: its other names keep the old content, and a link is never written through.
    private void Replace(string path)
    {
        switch (KindAt(path))
        {
            case null:
                break;
            case FileKind.Directory:
                throw new ErrnoException(Errno.EISDIR);
            default:
                _process.Unlink(path);
                break;
        }
    }
}
