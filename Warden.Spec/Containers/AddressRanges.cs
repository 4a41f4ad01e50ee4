using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Warden.Spec.Backend;
using Warden.Spec.Containers.Pools;

namespace Warden.Spec.Containers;

/// <summary>
/// Reads IPv4 addresses and networks as clients write them. Only four decimal numbers make an address: what inet_aton(3) accepts
/// beside (fewer parts, octal, hexadecimal) would open something else than the reader of a rule expects.
/// </summary>
internal static class AddressRanges
{
    /// <summary>Reads ADDRESS, ADDRESS/PREFIX, ADDRESS/MASK or FIRST-LAST.</summary>
    public static bool TryParse(string text, out AddressRange range)
    {
        range = default;
        uint first, last;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        if (slash >= 0)
        {
            if (!TryParseAddress(text.AsSpan(0, slash), out var address) || !TryParseMask(text.AsSpan(slash + 1), out var mask))
            {
                return false;
            }

            first = address & mask;
            last = first | ~mask;
        }
        else if (dash >= 0)
        {
            if (!TryParseAddress(text.AsSpan(0, dash), out first) || !TryParseAddress(text.AsSpan(dash + 1), out last) || last < first)
            {
                return false;
            }
        }
        else
        {
            if (!TryParseAddress(text, out first))
            {
                return false;
            }

            last = first;
        }

        range = new AddressRange(NetworkPool.ToAddress(first), NetworkPool.ToAddress(last));
        return true;
    }

    /// <summary>Reads A.B.C.D.</summary>
    public static bool TryParseAddress(ReadOnlySpan<char> text, out uint address)
    {
        address = 0;
        var parts = 0;
        foreach (var part in text.Split('.'))
        {
            if (++parts > 4 || !TryParseNumber(text[part], 255, out var number))
            {
                return false;
            }

            address = (address << 8) | number;
        }

        return parts == 4;
    }

    /// <summary>Writes a range in its shortest form that <see cref="TryParse"/> reads.</summary>
    [return: NotNullIfNotNull(nameof(range))]
    public static string? Format(AddressRange? range)
    {
        if (range is not { } value)
        {
            return null;
        }

        var first = NetworkPool.ToNumber(value.First);
        var last = NetworkPool.ToNumber(value.Last);
        var size = (ulong)last - first + 1;
        if (size == 1)
        {
            return value.First.ToString();
        }

        var isNetwork = ulong.IsPow2(size) && (first & (size - 1)) == 0;
        return isNetwork ? $"{value.First}/{32 - ulong.Log2(size)}" : $"{value.First}-{value.Last}";
    }

    // A prefix's length, or a dotted mask, whose ones must come before its zeros: others do not make one range.
    private static bool TryParseMask(ReadOnlySpan<char> text, out uint mask)
    {
        if (text.Contains('.'))
        {
            return TryParseAddress(text, out mask) && (~mask & (~mask + 1)) == 0;
        }

        var isPrefix = TryParseNumber(text, 32, out var prefix);
        mask = prefix == 0 ? 0 : uint.MaxValue << (32 - (int)prefix);
        return isPrefix;
    }

    // No leading zeros: 010 is eight to some readers and ten to others.
    private static bool TryParseNumber(ReadOnlySpan<char> text, uint largest, out uint number) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number)
        && number <= largest && text.Length <= 3 && (text.Length == 1 || text[0] != '0');
}
