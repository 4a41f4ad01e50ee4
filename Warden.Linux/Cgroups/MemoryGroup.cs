using Warden.Linux.Cgroups.Interop;
using Warden.Linux.Interop;
using Warden.Spec;
using Warden.Spec.Backend;

namespace Warden.Linux.Cgroups;

/// <summary>The limits of a group of the memory controller of version 1 (Documentation/admin-guide/cgroup-v1/memory.rst).</summary>
internal sealed class MemoryGroup(string directory)
{
    /// <summary>The limit of memory and swap; not there where the kernel does not account swap.</summary>
    public const string SwapLimitFile = "memory.memsw.limit_in_bytes";

    private static readonly ulong PageSize = (ulong)Environment.SystemPageSize;

    private readonly string _limit = Path.Combine(directory, "memory.limit_in_bytes");
    private readonly string _swapLimit = Path.Combine(directory, SwapLimitFile);
    private readonly bool _accountsSwap = File.Exists(Path.Combine(directory, SwapLimitFile));

    /// <summary>The limit in bytes.</summary>
    public ulong Read() => Normalize(CgroupFile.ReadNumber(_limit));

    /// <summary>Sets both limits to a value.</summary>
    /// <returns>The limit in force.</returns>
    /// <exception cref="WardenException">The kernel refused; the old limits stay.</exception>
    public ulong Set(ulong bytes)
    {
        var value = RoundUp(bytes);
        if (!_accountsSwap)
        {
            Write(_limit, value);
            return Read();
        }

        // The limit of both is never below that of memory alone: it is the first to go up and the last to go down.
        var (first, second) = value > CgroupFile.ReadNumber(_swapLimit) ? (_swapLimit, _limit) : (_limit, _swapLimit);
        var old = CgroupFile.ReadNumber(first);
        Write(first, value);
        try
        {
            Write(second, value);
        }
        catch (WardenException)
        {
            CgroupFile.Write(first, $"{old}");
            throw;
        }

        return Read();
    }

    /// <summary>What the kernel keeps: whole pages, and no more than it can count.</summary>
    internal static ulong RoundUp(ulong bytes) =>
        bytes > ContainerStatistics.UnlimitedMemory - PageSize ? Largest : (bytes + PageSize - 1) / PageSize * PageSize;

    /// <summary>Whether a number of whole pages stands for no limit.</summary>
    internal static bool IsUnlimited(ulong bytes) => bytes >= Largest;

    /// <summary>The largest number of whole pages, which stands for no limit; it depends on the size of a page.</summary>
    private static ulong Largest => long.MaxValue / PageSize * PageSize;

    private static ulong Normalize(ulong bytes) => IsUnlimited(bytes) ? ContainerStatistics.UnlimitedMemory : bytes;

    private void Write(string path, ulong value)
    {
        var error = CgroupFile.TryWrite(path, $"{value}");
        if (error != 0)
        {
            throw new WardenException(error == Errno.EBUSY
                ? $"Failed setting memory limit: {ReadUsage(path)} bytes are in use"
                : $"Failed setting memory limit: {LinuxException.Describe(error)}");
        }
    }

    private ulong ReadUsage(string limit) =>
        CgroupFile.ReadNumber(Path.Combine(directory, limit == _swapLimit ? "memory.memsw.usage_in_bytes" : "memory.usage_in_bytes"));
}
