using Warden.Linux.Filesystem.Interop;

namespace Warden.Linux.Filesystem;

/// <summary>The size of a container's /dev/shm: half of the host's memory, which tmpfs(5) has without one, is more than one container's.</summary>
internal static class SharedMemory
{
    private const long Least = 64L << 20;
    private const int HostShare = 8;

    /// <summary>The smallest of the limit of memory and an eighth of the host's, and at least 64 MiB; a configured bound takes the place of both numbers.</summary>
    /// <param name="memoryLimit">The container's limit of memory in bytes.</param>
    /// <param name="configured">The configured bound in bytes, or null.</param>
    public static long SizeFor(ulong memoryLimit, long? configured) => SizeFor(memoryLimit, configured, HostBytes());

    /// <summary>The same for a host with so much memory.</summary>
    public static long SizeFor(ulong memoryLimit, long? configured, long hostBytes)
    {
        var most = configured ?? Math.Max(Least, hostBytes / HostShare);
        return memoryLimit >= (ulong)most ? most : Math.Max(Math.Min(Least, most), (long)memoryLimit);
    }

    /// <summary>
    /// Gives a running container's /dev/shm a size. Where it holds more than that, or the kernel refuses, it stays as it is: the limit of memory
    /// covers what is in it.
    /// </summary>
    /// <param name="container">The root of a container whose processes mount nothing: what is mounted there is its own.</param>
    /// <param name="bytes">The size.</param>
    public static void Resize(ContainerRoot container, long bytes)
    {
        var errno = container.Open("dev/shm", OpenFlag.Path | OpenFlag.Directory | OpenFlag.NoFollow, out var directory);
        using (directory)
        {
            if (errno == 0 && FileAt.Status(directory, out var status) == 0 && status.IsMountRoot)
            {
                _ = MountCalls.Reconfigure(directory, "size", $"{bytes}");
            }
        }
    }

    private static long HostBytes() => TryReadTotal(out var total) ? total : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    private static bool TryReadTotal(out long bytes)
    {
        // "MemTotal:       16384256 kB" (proc_meminfo(5)); the runtime's own number is that of this process's control group.
        var line = File.ReadLines("/proc/meminfo").FirstOrDefault(line => line.StartsWith("MemTotal:", StringComparison.Ordinal));
        bytes = 0;
        if (line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [_, var number, _] || !long.TryParse(number, out var kibibytes))
        {
            return false;
        }

        bytes = kibibytes << 10;
        return true;
    }
}
