using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Warden.Linux.Filesystem.Interop;
using Warden.Linux.Interop;
using Warden.Spec;
using Warden.Spec.Backend;

namespace Warden.Linux.Filesystem;

/// <summary>
/// The depot: one directory a container, named by its id, and the server's counters. It is only ever emptied of what carries both a
/// container's id as its name and the marker within.
/// </summary>
/// <remarks>
/// What is written replaces the old content by a rename, so that a server that is killed leaves the old or the new, never a part. Snapshots
/// are not forced to the disk: a machine that crashed has no container left that one could describe. Counters are, as ids that repeat
/// after a crash would be taken for older ones; they are written once for thousands of ids.
/// </remarks>
internal sealed class LinuxDepot : IDepot, IDisposable
{
    private const string Marker = ".warden-container";
    private const string Snapshot = "snapshot.json";
    private const string NewSnapshot = ".snapshot.json.new";
    private const string CounterPrefix = ".counter-";
    private const string HalfPrefix = ".half-";
    private const int IdLength = 11;
    private const int LargestSnapshot = 64 << 20;

    private readonly SafeFileHandle _depot;
    private readonly string _path;

    private LinuxDepot(SafeFileHandle depot, string path, IDiskQuota quota)
    {
        _depot = depot;
        _path = path;
        Quota = quota;
    }

    /// <summary>What limits the disk here.</summary>
    public IDiskQuota Quota { get; }

    /// <summary>Opens a depot, made first when it is missing; its image file (<see cref="DepotImage"/>) is mounted when it has one.</summary>
    /// <exception cref="WardenException">The path cannot be used.</exception>
    /// <param name="path">The directory.</param>
    /// <param name="quotaEnabled">Whether disk limits are on.</param>
    /// <param name="isShielded">Whether containers will be made in it, whose files the host's users must not gain by (<see cref="DepotShield"/>).</param>
    public static LinuxDepot Open(string path, bool quotaEnabled, bool isShielded = false)
    {
        path = System.IO.Path.GetFullPath(path).TrimEnd('/');
        try
        {
            System.IO.Directory.CreateDirectory(path);
            DepotImage.Mount(path);
            if (isShielded)
            {
                DepotShield.Raise(path);
            }

            FileAt.Check(FileAt.OpenDirectory(path, out var depot), "open the depot", path);
            var opened = new LinuxDepot(depot, path, DiskQuota.Detect(depot, path, quotaEnabled));
            opened.SweepHalves();
            return opened;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WardenException($"Cannot use the depot {path}: {e.Message}", e);
        }
    }

    public void Dispose() => _depot.Dispose();

    /// <inheritdoc/>
    public IReadOnlyList<string> Entries() => [.. Names().Where(name => !IsOwn(name))];

    /// <inheritdoc/>
    public bool HasMarker(string containerId) =>
        IsId(containerId) && FileAt.Status(_depot, $"{containerId}/{Marker}", out var status) == 0 && status.IsRegular;

    /// <inheritdoc/>
    public byte[]? ReadSnapshot(string containerId) => DepotFile.Read(_depot, $"{containerId}/{Snapshot}", _path, LargestSnapshot);

    /// <inheritdoc/>
    public void WriteSnapshot(string containerId, ReadOnlyMemory<byte> content)
    {
        // A directory that a concurrent destroy removed is not made again.
        var errno = FileAt.Open(_depot, containerId, OpenFlag.Path | OpenFlag.Directory | OpenFlag.NoFollow, 0, out var directory);
        using (directory)
        {
            if (errno != Errno.ENOENT)
            {
                FileAt.Check(errno, "open", $"{_path}/{containerId}");
                DepotFile.Replace(directory, Snapshot, NewSnapshot, content.Span, $"{_path}/{containerId}", isForced: false);
            }
        }
    }

    /// <inheritdoc/>
    public ulong ReadCounter(string name)
    {
        var content = DepotFile.Read(_depot, CounterPrefix + name, _path, 64);
        return content is null ? 0
            : ulong.TryParse(Encoding.ASCII.GetString(content).AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value
            : throw new WardenException($"{_path}/{CounterPrefix}{name} holds no number; remove it to count from the start again");
    }

    /// <inheritdoc/>
    public void WriteCounter(string name, ulong value) => DepotFile.Replace(
        _depot, CounterPrefix + name, CounterPrefix + name + ".new", Encoding.ASCII.GetBytes($"{value}\n"), _path, isForced: true);

    /// <summary>Makes a container's directory.</summary>
    /// <exception cref="LinuxException">The kernel refuses, for want of space perhaps; nothing is left.</exception>
    public ContainerDirectory Create(string id)
    {
        CheckId(id);
        var half = HalfPrefix + id;
        var path = $"{_path}/{half}";
        FileAt.Check(FileAt.MakeDirectory(_depot, half, 0x1ED), "make the directory", path);
        try
        {
            FileAt.Check(
                FileAt.Open(_depot, half, OpenFlag.ReadOnly | OpenFlag.Directory | OpenFlag.NoFollow, 0, out var directory), "open", path);
            using (directory)
            {
                Fill(directory, path);
            }

            // It has its name only when it is whole: a server that is killed before leaves what the next one knows as half made.
            FileAt.Check(FileAt.RenameNew(_depot, half, _depot, id), "name the directory", $"{_path}/{id}");
        }
        catch
        {
            TreeRemover.Remove(_depot, half, _path);
            throw;
        }

        return new ContainerDirectory($"{_path}/{id}");
    }

    /// <summary>A container's directory; null when there is none with our marker.</summary>
    public ContainerDirectory? Find(string id) => HasMarker(id) ? new ContainerDirectory($"{_path}/{id}") : null;

    /// <summary>Removes a container's directory with all that is in it. One that is not there, or has no marker, is left alone.</summary>
    /// <exception cref="LinuxException">Something in it cannot be removed; it keeps its name and its marker, to be tried again.</exception>
    public void Remove(string id)
    {
        if (!HasMarker(id))
        {
            return;
        }

        // While its directory is there, what is kept there of its limits is too.
        Quota.Release(id);
        var path = $"{_path}/{id}";
        FileAt.Check(
            FileAt.OpenResolved(
                _depot, id, OpenFlag.ReadOnly | OpenFlag.Directory | OpenFlag.NoFollow,
                FileCalls.ResolveNoCrossing | FileCalls.ResolveNoLinks, out var directory),
            "open", path);
        using (directory)
        {
            TreeRemover.Empty(directory, path, keep: Marker);
        }

        // Without its marker it would be nobody's, so its name goes first.
        FileAt.Check(FileAt.Rename(_depot, id, _depot, HalfPrefix + id), "remove", path);
        TreeRemover.Remove(_depot, HalfPrefix + id, _path);
    }

    /// <summary><see cref="Remove"/> without holding up the caller: a container may have left a million files.</summary>
    public Task RemoveAsync(string id) => Task.Run(() => Remove(id));

    private static bool IsId(string name) =>
        name.Length == IdLength && name.All(character => character is >= '0' and <= '9' or >= 'a' and <= 'v');

    private static void CheckId(string id)
    {
        if (!IsId(id))
        {
            throw new ArgumentException($"'{id}' is no container's id.", nameof(id));
        }
    }

    private static bool IsOwn(string name) => name.StartsWith(CounterPrefix, StringComparison.Ordinal) || IsHalf(name);

    private static bool IsHalf(string name) =>
        name.StartsWith(HalfPrefix, StringComparison.Ordinal) && IsId(name[HalfPrefix.Length..]);

    private void Fill(SafeFileHandle directory, string path)
    {
        FileAt.Check(
            FileAt.Open(directory, Marker, OpenFlag.WriteOnly | OpenFlag.Create | OpenFlag.Exclusive, 0x1A4, out var marker),
            "make the file", $"{path}/{Marker}");
        marker.Dispose();
        FileAt.Check(FileAt.ChangeMode(directory, 0x1ED), "set the mode of", path);
        FileAt.Check(FileAt.MakeDirectory(directory, "run", 0x1C0), "make the directory", $"{path}/run");
        Quota.MakeVolume(directory, "tmp", $"{path}/tmp");
        FileAt.Check(FileAt.MakeDirectory(directory, "tmp/rootfs", 0x1ED), "make the directory", $"{path}/tmp/rootfs");
        FileAt.Check(FileAt.MakeDirectory(directory, "tmp/work", 0x1C0), "make the directory", $"{path}/tmp/work");

        // The server's umask may be a narrow one; clients read what the container writes.
        foreach (var name in (string[])["tmp", "tmp/rootfs"])
        {
            FileAt.Check(FileAt.Open(directory, name, OpenFlag.ReadOnly | OpenFlag.Directory, 0, out var opened), "open", $"{path}/{name}");
            using (opened)
            {
                FileAt.Check(FileAt.ChangeMode(opened, 0x1ED), "set the mode of", $"{path}/{name}");
            }
        }
    }

    private List<string> Names()
    {
        FileAt.Check(FileAt.Open(_depot, ".", OpenFlag.ReadOnly | OpenFlag.Directory, 0, out var directory), "open the depot", _path);
        using (directory)
        using (var reader = new DirectoryReader(directory))
        {
            var names = new List<string>();
            int errno;
            while (reader.TryRead(out var name, out errno))
            {
                names.Add(name.ToString());
            }

            FileAt.Check(errno, "read the depot", _path);
            return names;
        }
    }

    // What a killed server had not finished to make or to remove.
    private void SweepHalves()
    {
        foreach (var half in Names().Where(IsHalf))
        {
            TreeRemover.Remove(_depot, half, _path);
        }
    }
}
