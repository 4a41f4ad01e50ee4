using System.Globalization;

namespace Warden.Emulator.Shell.Builtins;

/// <summary>Floating-point numbers as printf(3) writes them.</summary>
internal static class RealNumber
{
    public static bool TryParse(string text, out double value)
    {
        var trimmed = text.Trim();
        if (trimmed.TrimStart('-', '+') is var digits && digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            && long.TryParse(digits.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex))
        {
            value = trimmed.StartsWith('-') ? -hex : hex;
            return true;
        }

        switch (trimmed.TrimStart('-', '+').ToLowerInvariant())
        {
            case "inf" or "infinity":
                value = trimmed.StartsWith('-') ? double.NegativeInfinity : double.PositiveInfinity;
                return true;
            case "nan":
                value = double.NaN;
                return true;
        }

        return double.TryParse(trimmed, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>A number that is not negative.</summary>
    public static string Format(double value, char kind, int precision, bool alternative)
    {
        if (!double.IsFinite(value))
        {
            var name = double.IsNaN(value) ? "nan" : "inf";
            return char.IsAsciiLetterUpper(kind) ? name.ToUpperInvariant() : name;
        }

        switch (kind)
        {
            case 'f' or 'F':
                return value.ToString("F" + precision, CultureInfo.InvariantCulture) + (alternative && precision == 0 ? "." : "");
            case 'e' or 'E':
                return Exponential(value, kind, precision);
            default:
                return General(value, kind is 'G' or 'A' ? 'E' : 'e', precision == 0 ? 1 : precision, alternative);
        }
    }

    private static string Exponential(double value, char kind, int precision)
    {
        var text = value.ToString((kind == 'E' ? "E" : "e") + precision, CultureInfo.InvariantCulture);
        var at = text.IndexOf(kind == 'E' ? 'E' : 'e');
        var digits = text[(at + 2)..].TrimStart('0').PadLeft(2, '0');
        return text[..(at + 2)] + digits;
    }

    private static string General(double value, char kind, int precision, bool alternative)
    {
        var exponential = Exponential(value, kind, precision - 1);
        var at = exponential.IndexOf(kind);
        var exponent = int.Parse(exponential.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        if (exponent < -4 || exponent >= precision)
        {
            return alternative ? exponential : Trim(exponential[..at]) + exponential[at..];
        }

        var text = value.ToString("F" + Math.Max(0, precision - 1 - exponent), CultureInfo.InvariantCulture);
        return alternative ? text : Trim(text);
    }

    private static string Trim(string text) => text.Contains('.') ? text.TrimEnd('0').TrimEnd('.') : text;
}
