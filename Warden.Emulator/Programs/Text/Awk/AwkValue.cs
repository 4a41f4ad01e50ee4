using System.Globalization;

namespace Warden.Emulator.Programs;

/// <summary>A value of awk: a number, a string, or a string from input that looks like a number and compares as one.</summary>
internal readonly struct AwkValue
{
    private readonly string? _text;
    private readonly double _number;
    private readonly Kind _kind;

    private AwkValue(Kind kind, double number, string? text)
    {
        _kind = kind;
        _number = number;
        _text = text;
    }

    private enum Kind : byte
    {
        Unset,
        Number,
        Text,
        NumericText,
    }

    public bool IsNumeric => _kind is Kind.Number or Kind.NumericText or Kind.Unset;

    public bool IsUnset => _kind == Kind.Unset;

    public double Number => _kind switch
    {
        Kind.Unset => 0,
        Kind.Text => Numbers.ParseReal(_text!) is var (value, length) && length > 0 && !IsWord(_text!) ? value : 0,
        _ => _number,
    };

    public bool IsTrue => _kind switch { Kind.Unset => false, Kind.Text => _text!.Length > 0, _ => _number != 0 };

    public static AwkValue Of(double number) => new(Kind.Number, number, null);

    public static AwkValue Of(bool truth) => new(Kind.Number, truth ? 1 : 0, null);

    public static AwkValue Of(string text) => new(Kind.Text, 0, text);

    /// <summary>A field, a line of getline, an argument: numeric when all of it is a number.</summary>
    public static AwkValue FromInput(string text)
    {
        var trimmed = text.AsSpan().Trim(" \t\n\r\v\f");
        if (trimmed.Length == 0 || !(char.IsAsciiDigit(trimmed[^1]) || trimmed[^1] == '.') || trimmed.ContainsAny('x', 'X'))
        {
            return new AwkValue(Kind.Text, 0, text);
        }
        return double.TryParse(trimmed, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? new AwkValue(Kind.NumericText, number, text)
            : new AwkValue(Kind.Text, 0, text);
    }

    public string Text(string format) => _kind switch
    {
        Kind.Unset => "",
        Kind.Number => Format(_number, format),
        _ => _text!,
    };

    public static string Format(double number, string format)
    {
        if (number == Math.Truncate(number) && Math.Abs(number) < 1e16)
        {
            return ((long)number).ToString(CultureInfo.InvariantCulture);
        }
        if (double.IsNaN(number) || double.IsInfinity(number))
        {
            return double.IsNaN(number) ? (double.IsNegative(number) ? "-nan" : "nan") : number > 0 ? "inf" : "-inf";
        }
        if (number == Math.Truncate(number) && Math.Abs(number) < 1e30)
        {
            return number.ToString("F0", CultureInfo.InvariantCulture);
        }
        var at = 1;
        return format.Length > 1 && format[0] == '%' ? PrintfSpec.Parse(format, ref at, () => 0).Real(number) : number.ToString(CultureInfo.InvariantCulture);
    }

    // "inf" and "nan" are words, and "0x1f" is 0.
    private static bool IsWord(string text)
    {
        var trimmed = text.AsSpan().TrimStart(" \t\n\r\v\f").TrimStart("+-");
        return trimmed.Length > 0 && (char.IsAsciiLetter(trimmed[0]) || (trimmed.Length > 1 && trimmed[0] == '0' && trimmed[1] is 'x' or 'X'));
    }
}
