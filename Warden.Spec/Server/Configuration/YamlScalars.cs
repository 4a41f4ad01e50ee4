using System.Globalization;
using System.Numerics;

namespace Warden.Spec.Server.Configuration;

/// <summary>
/// What a plain scalar is by the types of YAML 1.1 (https://yaml.org/type/), which the files of the old server were read by: a leading
/// 0 is octal, <c>yes</c> is true.
/// </summary>
internal static class YamlScalars
{
    public static bool TryInteger(string text, out BigInteger value)
    {
        value = default;
        var negative = text.StartsWith('-');
        var digits = (negative || text.StartsWith('+') ? text[1..] : text).Replace("_", "", StringComparison.Ordinal);
        if (digits.Length == 0 || text[^1] == '_' || text.StartsWith('_'))
        {
            return false;
        }

        var (radix, start) = digits switch
        {
            ['0', 'x', _, ..] => (16, 2),
            ['0', 'b', _, ..] => (2, 2),
            ['0', 'o', _, ..] => (8, 2),
            ['0', _, ..] => (8, 1),
            _ => (10, 0),
        };
        foreach (var digit in digits.AsSpan(start))
        {
            var number = char.IsAsciiHexDigit(digit) ? Convert.ToInt32(digit.ToString(), 16) : int.MaxValue;
            if (number >= radix)
            {
                return false;
            }

            value = (value * radix) + number;
        }

        value = negative ? -value : value;
        return true;
    }

    public static bool TryNumber(string text, out double value)
    {
        if (TryInteger(text, out var integer))
        {
            value = (double)integer;
            return true;
        }

        value = 0;
        return text.Contains('.', StringComparison.Ordinal)
            && text.Any(char.IsAsciiDigit)
            && double.TryParse(
                text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
                CultureInfo.InvariantCulture, out value)
            && double.IsFinite(value);
    }

    public static bool TryBoolean(string text, out bool value)
    {
        value = text is "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON";
        return value || text is "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF";
    }
}
