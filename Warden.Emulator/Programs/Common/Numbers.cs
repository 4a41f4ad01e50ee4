using System.Globalization;

namespace Warden.Emulator.Programs;

/// <summary>Numbers at the beginning of a text, as strtod(3) reads them.</summary>
internal static class Numbers
{
    /// <summary>The number that the text begins with, and how many characters it takes (0 when there is none).</summary>
    public static (double Value, int Length) ParseReal(string text)
    {
        var at = 0;
        while (at < text.Length && text[at] is ' ' or '\t' or '\n' or '\r' or '\v' or '\f')
        {
            at++;
        }
        var start = at;
        if (at < text.Length && text[at] is '+' or '-')
        {
            at++;
        }
        if (at + 2 < text.Length && text[at] == '0' && text[at + 1] is 'x' or 'X' && char.IsAsciiHexDigit(text[at + 2]))
        {
            return ParseHexadecimal(text, start, at + 2);
        }
        foreach (var word in (ReadOnlySpan<string>)["infinity", "inf", "nan"])
        {
            if (string.Compare(text, at, word, 0, word.Length, StringComparison.OrdinalIgnoreCase) == 0 && at + word.Length <= text.Length)
            {
                var special = word == "nan" ? double.NaN : double.PositiveInfinity;
                return (text[start] == '-' ? -special : special, at + word.Length);
            }
        }
        var digits = Digits(text, ref at);
        if (at < text.Length && text[at] == '.')
        {
            var point = at++;
            digits += Digits(text, ref at);
            if (digits == 0)
            {
                at = point;
            }
        }
        if (digits == 0)
        {
            return (0, 0);
        }
        if (at < text.Length && text[at] is 'e' or 'E')
        {
            var exponent = at + 1;
            if (exponent < text.Length && text[exponent] is '+' or '-')
            {
                exponent++;
            }
            if (Digits(text, ref exponent) > 0)
            {
                at = exponent;
            }
        }
        return (double.Parse(text.AsSpan(start, at - start), NumberStyles.Float, CultureInfo.InvariantCulture), at);
    }

    private static (double Value, int Length) ParseHexadecimal(string text, int start, int at)
    {
        var value = 0.0;
        for (; at < text.Length && char.IsAsciiHexDigit(text[at]); at++)
        {
            value = (value * 16) + int.Parse(text.AsSpan(at, 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        }
        return (text[start] == '-' ? -value : value, at);
    }

    private static int Digits(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }
        return at - start;
    }
}
