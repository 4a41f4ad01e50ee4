using System.Net;
using System.Security.Cryptography;
using Warden.Linux.Commands;
using Warden.Linux.Filesystem;
using Warden.Spec;
using Warden.Spec.Server.Configuration;

namespace Warden.Linux.Setup;

/// <summary>
/// The directory of a server of a moment, beside the configured depot, where the operator has planned for containers. It is locked while its server lives, so that
/// one whose server was killed is known by that.
/// </summary>
internal sealed class PrivateDirectory : IDisposable
{
    private const string Prefix = "exec-";

    private readonly string _path;
    private readonly FileLock _lock;

    private PrivateDirectory(string path, FileLock held) => (_path, _lock) = (path, held);

    /// <summary>The server's socket.</summary>
    public string SocketPath => Path.Combine(_path, "warden.sock");

    /// <summary>The server's depot.</summary>
    public string DepotPath => Path.Combine(_path, "depot");

    private string PoolPath => Path.Combine(_path, "pool");

    /// <summary>Makes a fresh one.</summary>
    /// <exception cref="WardenException">It cannot be made.</exception>
    public static PrivateDirectory Create(WardenConfiguration configuration)
    {
        var path = Path.Combine(ParentOf(configuration), Prefix + RandomNumberGenerator.GetHexString(8, lowercase: true));
        try
        {
            Directory.CreateDirectory(path, (UnixFileMode)0x1C0);
            return new PrivateDirectory(path, FileLock.Take(LockOf(path), $"{path} is taken"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WardenException($"Cannot make {path}: {e.Message}", e);
        }
    }

    /// <summary>Those whose servers were killed, each locked now.</summary>
    public static IEnumerable<PrivateDirectory> FindAbandoned(WardenConfiguration configuration)
    {
        var parent = ParentOf(configuration);
        foreach (var path in Directory.Exists(parent) ? Directory.GetDirectories(parent, Prefix + "????????") : [])
        {
            if (FileLock.TryTake(LockOf(path)) is { } held)
            {
                yield return new PrivateDirectory(path, held);
            }
        }
    }

    /// <summary>Keeps the server's network, for who clears up after it.</summary>
    public void WritePool(IPNetwork pool) => File.WriteAllText(PoolPath, pool.ToString());

    /// <summary>The server's network; null when it did not get as far.</summary>
    public IPNetwork? ReadPool() =>
        File.Exists(PoolPath) && IPNetwork.TryParse(File.ReadAllText(PoolPath), out var pool) ? pool : null;

    /// <summary>Removes the directory and what is left in it, which is no container any more.</summary>
    /// <exception cref="WardenException">Something is mounted in it.</exception>
    public void Remove()
    {
        if (MountTable.FirstWithin(_path) is { } mount)
        {
            throw new WardenException($"something is mounted on {mount}, so {_path} is not removed: umount {mount}");
        }

        Directory.Delete(_path, recursive: true);
    }

    /// <summary>Lets go of it.</summary>
    public void Dispose() => _lock.Dispose();

    private static string ParentOf(WardenConfiguration configuration) => Path.GetDirectoryName(LinuxDefaults.DepotOf(configuration)) ?? "/";

    private static string LockOf(string path) => path + ".lock";
}
