using System.Globalization;
using Warden.Spec.Backend;
using System.Net;
using System.Buffers.Binary;

namespace Warden.Spec.Server.Configuration;

/// <summary>
/// Reads IPv4 addresses and networks as clients write them. Only four decimal numbers make an address: what inet_aton(3) accepts
/// beside (fewer parts, octal, hexadecimal) would open something else than the reader of a rule expects.
/// </summary>
internal static class AddressRanges
{
    /// <summary>Reads ADDRESS, ADDRESS/PREFIX or FIRST-LAST.</summary>
    public static bool TryParse(string text, out AddressRange range)
    {
        range = default;
        uint first, last;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        if (slash >= 0)
        {
            if (!TryParseAddress(text.AsSpan(0, slash), out var address) || !TryParseNumber(text.AsSpan(slash + 1), 32, out var prefix))
            {
                return false;
            }

            var mask = prefix == 0 ? 0 : uint.MaxValue << (32 - (int)prefix);
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

        range = new AddressRange(ToAddress(first), ToAddress(last));
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

    // No leading zeros: 010 is eight to some readers and ten to others.
    private static bool TryParseNumber(ReadOnlySpan<char> text, uint largest, out uint number) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number)
        && number <= largest && text.Length <= 3 && (text.Length == 1 || text[0] != '0');

    private static IPAddress ToAddress(uint address) => new(BinaryPrimitives.ReverseEndianness(address));
}
