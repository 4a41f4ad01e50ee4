using System.Globalization;
using System.Numerics;

namespace Warden.Emulator.Programs;

/// <summary>Sizes in arguments ("64M", "1kB") and in output ("1.5K").</summary>
internal static class Sizes
{
    private const string Letters = "KMGTPEZY";

    /// <summary>
    /// A decimal number with an optional suffix: b (512), k, K, M, G … (powers of 1024), kB, MB … (powers of 1000), KiB, MiB …. Too large
    /// becomes <see cref="long.MaxValue"/>.
    /// </summary>
    public static bool TryParse(string text, out long size)
    {
        var digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits]))
        {
            digits++;
        }
        size = 0;
        if (digits == 0)
        {
            // A bare suffix counts once, as in "head -c K".
            return false;
        }
        var number = BigInteger.Parse(text.AsSpan(0, digits), NumberStyles.None);
        if (!TryUnit(text[digits..], out var unit))
        {
            return false;
        }
        var product = number * unit;
        size = product > long.MaxValue ? long.MaxValue : (long)product;
        return true;
    }

    public static bool TryUnit(string suffix, out BigInteger unit)
    {
        unit = BigInteger.One;
        switch (suffix)
        {
            case "" or "c":
                return true;
            case "b":
                unit = 512;
                return true;
            case "w":
                unit = 2;
                return true;
        }
        var letter = suffix[0] == 'k' ? 0 : suffix[0] == 'm' ? 1 : Letters.IndexOf(suffix[0], StringComparison.Ordinal);
        if (letter < 0)
        {
            return false;
        }
        switch (suffix[1..])
        {
            case "" or "iB":
                unit = BigInteger.Pow(1024, letter + 1);
                return true;
            case "B" or "D":
                unit = BigInteger.Pow(1000, letter + 1);
                return true;
            default:
                return false;
        }
    }

    /// <summary>As ls -h, du -h and df -h print it: rounded up, with one decimal below ten.</summary>
    public static string Human(long bytes, long unit = 1, int step = 1024)
    {
        var amount = (double)bytes * unit;
        if (amount < step)
        {
            return amount.ToString(CultureInfo.InvariantCulture);
        }
        var power = -1;
        while (amount >= step && power < Letters.Length - 1)
        {
            amount /= step;
            power++;
        }
        var letter = step == 1000 && power == 0 ? 'k' : Letters[power];
        if (amount < 10)
        {
            var tenths = Math.Ceiling(amount * 10);
            if (tenths < 100)
            {
                return (tenths / 10).ToString("0.0", CultureInfo.InvariantCulture) + letter;
            }
            return "10" + letter;
        }
        var whole = Math.Ceiling(amount);
        return whole >= step && power < Letters.Length - 1
            ? "1.0" + Letters[power + 1]
            : whole.ToString("0", CultureInfo.InvariantCulture) + letter;
    }
}
