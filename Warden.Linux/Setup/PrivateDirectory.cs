using System.Net;
using System.Security.Cryptography;
using Warden.Linux.Commands;
using Warden.Linux.Filesystem;
using Warden.Spec;
using Warden.Spec.Server.Configuration;

namespace Warden.Linux.Setup;

/// <summary>
/// The directory of a server of a moment, beside the configured depot, where the operator has planned for containers. It is locked while
/// its server lives, so that one whose server was killed is known by that.
/// </summary>
internal sealed class PrivateDirectory : IDisposable
{
    private const string Prefix = "warden-exec-";

    // Others may keep directories of such names.
    private const string Marker = ".warden-exec";

    private const string PoolName = "pool";
    private const string LockSuffix = ".lock";

    private readonly string _path;
    private readonly FileLock _lock;

    private PrivateDirectory(string path, FileLock held) => (_path, _lock) = (path, held);

    /// <summary>The server's socket.</summary>
    public string SocketPath => Path.Combine(_path, "warden.sock");

    /// <summary>The server's depot.</summary>
    public string DepotPath => Path.Combine(_path, "depot");

    /// <summary>Makes a fresh one.</summary>
    /// <param name="configuration">The configuration, for its depot's place.</param>
    /// <param name="pool">The server's network, kept for who clears up after it.</param>
    /// <exception cref="WardenException">It cannot be made.</exception>
    public static PrivateDirectory Create(WardenConfiguration configuration, IPNetwork pool)
    {
        var path = Path.Combine(ParentOf(configuration), Prefix + RandomNumberGenerator.GetHexString(8, lowercase: true));

        // The lock first: what has none was left by a server that was killed.
        var held = FileLock.Take(path + LockSuffix, $"{path} is taken");
        try
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            File.WriteAllText(Path.Combine(path, PoolName), pool.ToString());
            File.WriteAllText(Path.Combine(path, Marker), "");
            return new PrivateDirectory(path, held);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            held.Dispose();
            throw new WardenException($"Cannot make {path}: {e.Message}", e);
        }
    }

    /// <summary>Those whose servers were killed, each locked now.</summary>
    public static IEnumerable<PrivateDirectory> FindAbandoned(WardenConfiguration configuration)
    {
        var parent = ParentOf(configuration);
        foreach (var path in Directory.Exists(parent) ? Directory.GetDirectories(parent, Prefix + "????????") : [])
        {
            if (File.Exists(Path.Combine(path, Marker)) && FileLock.TryTake(path + LockSuffix) is { } held)
            {
                yield return new PrivateDirectory(path, held);
            }
        }
    }

    /// <summary>The server's network.</summary>
    /// <exception cref="WardenException">Something else stands there.</exception>
    public IPNetwork ReadPool()
    {
        var path = Path.Combine(_path, PoolName);
        return IPNetwork.TryParse(File.ReadAllText(path), out var pool) ? pool : throw new WardenException($"{path} holds no network");
    }

    /// <summary>Removes the directory and what is left in it, which is no container any more.</summary>
    /// <exception cref="WardenException">Something is mounted in it.</exception>
    public void Remove()
    {
        DepotShield.Lower(DepotPath);
        if (MountTable.FirstWithin(_path) is { } mount)
        {
            throw new WardenException($"something is mounted on {mount}, so {_path} is not removed: umount {mount}");
        }

        Directory.Delete(_path, recursive: true);
    }

    /// <summary>Lets go of it.</summary>
    public void Dispose() => _lock.Dispose();

    private static string ParentOf(WardenConfiguration configuration) => Path.GetDirectoryName(LinuxDefaults.DepotOf(configuration)) ?? "/";
}
