using System.Globalization;
using Warden.Linux.Cgroups.Interop;
using Warden.Linux.Interop;
using Warden.Spec;
using Warden.Spec.Backend;

namespace Warden.Linux.Cgroups;

/// <summary>
/// The limits of a group of cgroup v2. It limits memory and swap each by itself, where the protocol's limit is of both together: a container
/// with a limit gets no swap, so that the sum is what was asked for.
/// </summary>
internal sealed class UnifiedMemory
{
    /// <summary>The limit of memory; not there where the group does not have the controller.</summary>
    public const string LimitFile = "memory.max";

    private const string SwapLimitFile = "memory.swap.max";
    private const string None = "max";

    private readonly string _limit;
    private readonly string _high;
    private readonly string _usage;
    private readonly string _swapLimit;
    private readonly string _swapUsage;
    private readonly bool _accountsSwap;
    private readonly string[] _hierarchy;

    public UnifiedMemory(CgroupDirectory group)
    {
        _limit = Path.Combine(group.Path, LimitFile);
        _high = Path.Combine(group.Path, "memory.high");
        _usage = Path.Combine(group.Path, "memory.current");
        _swapLimit = Path.Combine(group.Path, SwapLimitFile);
        _swapUsage = Path.Combine(group.Path, "memory.swap.current");
        _accountsSwap = File.Exists(_swapLimit);
        var hierarchy = new List<string>();
        for (var path = group.Path; path is not null && path != group.Hierarchy.MountPoint; path = Path.GetDirectoryName(path))
        {
            hierarchy.Add(path);
        }

        _hierarchy = [.. hierarchy];
    }

    /// <summary>Whether swap is accounted, as far as groups that are there tell; the root of all has no limits.</summary>
    public static bool AccountsSwap(CgroupHierarchy hierarchy)
    {
        var limited = Directory.EnumerateDirectories(hierarchy.Directory).Append(hierarchy.Directory)
            .Where(group => File.Exists(Path.Combine(group, LimitFile))).ToList();
        return limited.Count == 0 || limited.Exists(group => File.Exists(Path.Combine(group, SwapLimitFile)));
    }

    /// <summary>The limit in bytes.</summary>
    public ulong Read() => Parse(ReadText(_limit));

    /// <summary>Bytes of swap in use; null where swap is not accounted.</summary>
    public ulong? ReadSwapUsage() => _accountsSwap ? CgroupFile.ReadNumber(_swapUsage) : null;

    /// <summary>The limits that are in force by this group and those above it: of memory, and of memory and swap, null where that is not accounted.</summary>
    public (ulong Memory, ulong? WithSwap) ReadHierarchy()
    {
        var memory = ContainerStatistics.UnlimitedMemory;
        var withSwap = ContainerStatistics.UnlimitedMemory;
        foreach (var group in _hierarchy)
        {
            var limit = ReadLimit(Path.Combine(group, LimitFile));
            memory = Math.Min(memory, limit);
            if (_accountsSwap && limit < ContainerStatistics.UnlimitedMemory)
            {
                // Neither number has its uppermost bit set.
                withSwap = Math.Min(withSwap, limit + ReadLimit(Path.Combine(group, SwapLimitFile)));
            }
        }

        return (memory, _accountsSwap ? withSwap : null);
    }

    /// <summary>Sets both limits so that their sum is the value.</summary>
    /// <returns>The limit in force.</returns>
    /// <exception cref="WardenException">More is in use; the old limits stay.</exception>
    public ulong Set(ulong bytes)
    {
        var value = MemoryGroup.RoundUp(bytes);
        if (MemoryGroup.IsUnlimited(value))
        {
            Write(_limit, None);
            WriteSwap(None);
            return Read();
        }

        // Nothing goes to swap from now on: what is reclaimed for the new limit would only change places within the sum.
        var oldSwap = _accountsSwap ? ReadText(_swapLimit) : None;
        var oldHigh = ReadText(_high);
        WriteSwap("0");
        try
        {
            MakeRoom(value);
            Write(_limit, Number(value));
        }
        catch (WardenException)
        {
            WriteSwap(oldSwap);
            throw;
        }
        finally
        {
            Write(_high, oldHigh);
        }

        return Read();
    }

    /// <summary>
    /// A limit below what is in use is to be refused, but memory.max takes every value, and kills until it holds. memory.high does not kill:
    /// writing it reclaims what can be, such as page cache, and slows down who asks for more until the limit proper is set. What is still in
    /// use then cannot be reclaimed. A thread that grows between that look and the limit gets a few pages at most before it is slowed down.
    /// </summary>
    private void MakeRoom(ulong value)
    {
        if (ReadUsage() <= value)
        {
            return;
        }

        var swapped = ReadSwapUsage() ?? 0;
        Write(_high, Number(value > swapped ? value - swapped : 0));
        if (ReadUsage() is var used && used > value)
        {
            throw new WardenException($"Failed setting memory limit: {used} bytes are in use");
        }
    }

    private ulong ReadUsage() => CgroupFile.ReadNumber(_usage) + (ReadSwapUsage() ?? 0);

    private void WriteSwap(string value)
    {
        if (_accountsSwap)
        {
            Write(_swapLimit, value);
        }
    }

    private static string Number(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    private static string ReadText(string path) => CgroupFile.TryReadText(path)?.Trim() ?? throw new LinuxException("read", path, Errno.ENOENT);

    /// <summary>A group that has no such file sets no limit.</summary>
    private static ulong ReadLimit(string path) => Parse(CgroupFile.TryReadText(path)?.Trim() ?? None);

    private static ulong Parse(string limit) => limit == None
        ? ContainerStatistics.UnlimitedMemory
        : Math.Min(ulong.Parse(limit, CultureInfo.InvariantCulture), ContainerStatistics.UnlimitedMemory);

    private static void Write(string path, string value)
    {
        var error = CgroupFile.TryWrite(path, value);
        if (error != 0)
        {
            throw new WardenException($"Failed setting memory limit: {LinuxException.Describe(error)}");
        }
    }
}
