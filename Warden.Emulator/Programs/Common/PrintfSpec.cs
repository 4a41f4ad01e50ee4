using System.Globalization;
using System.Numerics;
using System.Text;

namespace Warden.Emulator.Programs;

/// <summary>One conversion of printf(3): flags, width, precision and letter.</summary>
internal readonly record struct PrintfSpec(bool Minus, bool Plus, bool Space, bool Alternate, bool Zero, int Width, int Precision, char Letter)
{
    /// <summary>Parses after the '%' at text[at]; the letter is '\0' when the text ends. '*' takes its number from <paramref name="star"/>.</summary>
    public static PrintfSpec Parse(string text, ref int at, Func<int> star)
    {
        bool minus = false, plus = false, space = false, alternate = false, zero = false;
        for (; at < text.Length && "-+ #0'".Contains(text[at], StringComparison.Ordinal); at++)
        {
            minus |= text[at] == '-';
            plus |= text[at] == '+';
            space |= text[at] == ' ';
            alternate |= text[at] == '#';
            zero |= text[at] == '0';
        }
        var width = Number(text, ref at, star) ?? 0;
        if (width < 0)
        {
            minus = true;
            width = -width;
        }
        var precision = -1;
        if (at < text.Length && text[at] == '.')
        {
            at++;
            precision = Math.Max(-1, Number(text, ref at, star) ?? 0);
        }
        while (at < text.Length && "hljztL".Contains(text[at], StringComparison.Ordinal))
        {
            at++;
        }
        var letter = at < text.Length ? text[at++] : '\0';
        return new PrintfSpec(minus, plus, space, alternate, zero, width, precision, letter);
    }

    public string Text(string value)
    {
        if (Precision >= 0 && value.Length > Precision)
        {
            value = value[..Precision];
        }
        return Pad(value);
    }

    public string Pad(string value) => Minus ? value.PadRight(Width) : value.PadLeft(Width);

    /// <summary>For d, i, o, u, x and X.</summary>
    public string Integer(BigInteger value)
    {
        var negative = value.Sign < 0 && Letter is 'd' or 'i' && value.Sign < 0;
        if (!negative && value.Sign < 0)
        {
            value += BigInteger.One << 64;
        }
        var magnitude = BigInteger.Abs(value);
        var digits = Letter switch
        {
            'o' => Octal(magnitude),
            'x' => ((ulong)magnitude).ToString("x", CultureInfo.InvariantCulture),
            'X' => ((ulong)magnitude).ToString("X", CultureInfo.InvariantCulture),
            _ => magnitude.ToString(CultureInfo.InvariantCulture),
        };
        if (Precision == 0 && value.IsZero)
        {
            digits = "";
        }
        if (Precision > digits.Length)
        {
            digits = digits.PadLeft(Precision, '0');
        }
        var prefix = negative ? "-" : Letter is 'd' or 'i' ? (Plus ? "+" : Space ? " " : "") : "";
        if (Alternate && !value.IsZero)
        {
            prefix = Letter switch { 'x' => "0x", 'X' => "0X", 'o' when digits[0] != '0' => "0", _ => prefix };
        }
        return Assemble(prefix, digits, Zero && Precision < 0);
    }

    /// <summary>For e, f, g, a and their capitals.</summary>
    public string Real(double value)
    {
        var prefix = double.IsNegative(value) && !double.IsNaN(value) ? "-" : Plus ? "+" : Space ? " " : "";
        var magnitude = Math.Abs(value);
        if (!double.IsFinite(value))
        {
            var word = double.IsNaN(value) ? (double.IsNegative(value) ? "-nan" : "nan") : "inf";
            return Pad(prefix + (char.IsUpper(Letter) ? word.ToUpperInvariant() : word));
        }
        var precision = Precision < 0 ? 6 : Precision;
        var digits = char.ToLowerInvariant(Letter) switch
        {
            'f' => Fixed(magnitude, precision),
            'e' => Exponent(magnitude, precision),
            _ => General(magnitude, precision),
        };
        if (char.IsUpper(Letter))
        {
            digits = digits.ToUpperInvariant();
        }
        return Assemble(prefix, digits, Zero);
    }

    private static int? Number(string text, ref int at, Func<int> star)
    {
        if (at < text.Length && text[at] == '*')
        {
            at++;
            return star();
        }
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }
        return at == start ? null : int.TryParse(text.AsSpan(start, at - start), out var number) ? number : int.MaxValue;
    }

    private string Assemble(string prefix, string digits, bool zero)
    {
        var length = prefix.Length + digits.Length;
        return zero && !Minus && length < Width ? prefix + new string('0', Width - length) + digits : Pad(prefix + digits);
    }

    private static string Octal(BigInteger value)
    {
        if (value.IsZero)
        {
            return "0";
        }
        var digits = new StringBuilder();
        for (; !value.IsZero; value >>= 3)
        {
            digits.Insert(0, (char)('0' + (int)(value & 7)));
        }
        return digits.ToString();
    }

    // Decimal digits of a double are exact in C: .NET gives them for any precision that is asked for.
    private static string Fixed(double value, int precision) => value.ToString("F" + precision, CultureInfo.InvariantCulture);

    private static string Exponent(double value, int precision)
    {
        var text = value.ToString("E" + precision, CultureInfo.InvariantCulture);
        var at = text.IndexOf('E', StringComparison.Ordinal);
        var exponent = int.Parse(text.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return text[..at] + "e" + (exponent < 0 ? "-" : "+") + Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture);
    }

    private string General(double value, int precision)
    {
        precision = precision == 0 ? 1 : precision;
        if (value == 0)
        {
            return Alternate ? "0." + new string('0', precision - 1) : "0";
        }
        var scientific = Exponent(value, precision - 1);
        var exponent = int.Parse(scientific.AsSpan(scientific.IndexOf('e', StringComparison.Ordinal) + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        if (exponent >= -4 && exponent < precision)
        {
            var text = Fixed(value, precision - 1 - exponent);
            return Alternate || !text.Contains('.', StringComparison.Ordinal) ? text : text.TrimEnd('0').TrimEnd('.');
        }
        if (Alternate)
        {
            return scientific;
        }
        var at = scientific.IndexOf('e', StringComparison.Ordinal);
        var mantissa = scientific[..at];
        return (mantissa.Contains('.', StringComparison.Ordinal) ? mantissa.TrimEnd('0').TrimEnd('.') : mantissa) + scientific[at..];
    }
}
