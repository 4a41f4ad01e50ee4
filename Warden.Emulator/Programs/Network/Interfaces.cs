using System.Globalization;
using System.Net;
using Warden.Emulator.Network;

namespace Warden.Emulator.Programs;

/// <summary>What ip, ifconfig and route show of an interface besides its address.</summary>
internal static class Interfaces
{
    private const int FirstIndex = 2;

    public static bool IsLoopback(NetworkInterface one) => one.Name == "lo";

    public static string Flags(NetworkInterface one) => IsLoopback(one) ? "LOOPBACK,UP,LOWER_UP" : "BROADCAST,MULTICAST,UP,LOWER_UP";

    /// <summary>The number by which the kernel knows it.</summary>
    public static int Index(IReadOnlyList<NetworkInterface> all, NetworkInterface one) =>
        IsLoopback(one) ? 1 : FirstIndex + Enumerable.Range(1, all.Count - 1).First(i => all[i] == one);

    /// <summary>The name as ip shows it: the end of a pair names the other end, which is in another network namespace.</summary>
    public static string NameWithPeer(IReadOnlyList<NetworkInterface> all, NetworkInterface one) =>
        one.Name.StartsWith("w-", StringComparison.Ordinal) ? $"{one.Name}@if{Index(all, one) + 1}" : one.Name;

    /// <summary>A locally administered MAC address, the same each time.</summary>
    public static string HardwareAddress(NetworkInterface one)
    {
        if (IsLoopback(one))
        {
            return "00:00:00:00:00:00";
        }
        var hash = 14695981039346656037UL;
        foreach (var character in one.Name)
        {
            hash = (hash ^ character) * 1099511628211UL;
        }
        var bytes = new[] { 0x02, (int)(hash >> 8) & 255, (int)(hash >> 16) & 255, (int)(hash >> 24) & 255, (int)(hash >> 32) & 255, (int)(hash >> 40) & 255 };
        return string.Join(':', bytes.Select(value => value.ToString("x2", CultureInfo.InvariantCulture)));
    }

    public static IPAddress Mask(NetworkInterface one)
    {
        var mask = one.PrefixLength == 0 ? 0 : uint.MaxValue << (32 - one.PrefixLength);
        return new IPAddress([(byte)(mask >> 24), (byte)(mask >> 16), (byte)(mask >> 8), (byte)mask]);
    }

    /// <summary>The first address of the interface's network.</summary>
    public static IPAddress NetworkAddress(NetworkInterface one) => Combine(one, (address, mask) => address & mask);

    /// <summary>The last address of the interface's network.</summary>
    public static IPAddress Broadcast(NetworkInterface one) => Combine(one, (address, mask) => address | ~mask);

    private static IPAddress Combine(NetworkInterface one, Func<int, int, int> combine)
    {
        var address = one.Address.GetAddressBytes();
        var mask = Mask(one).GetAddressBytes();
        return new IPAddress([.. address.Select((value, i) => (byte)combine(value, mask[i]))]);
    }
}
