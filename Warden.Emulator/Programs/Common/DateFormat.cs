using System.Globalization;
using System.Text;

namespace Warden.Emulator.Programs;

/// <summary>strftime(3) in the C locale, with date's own %N, %s, %:z and the flags -, _, 0 and ^.</summary>
internal static class DateFormat
{
    public static string Format(DateTimeOffset time, string format, string zone = "UTC")
    {
        var text = new StringBuilder();
        for (var at = 0; at < format.Length; at++)
        {
            if (format[at] != '%' || at + 1 >= format.Length)
            {
                text.Append(format[at]);
                continue;
            }
            var start = at++;
            var flag = '\0';
            var upper = false;
            while (at < format.Length && "-_0^#".Contains(format[at], StringComparison.Ordinal))
            {
                upper |= format[at] == '^';
                flag = format[at] is '^' or '#' ? flag : format[at];
                at++;
            }
            var width = 0;
            while (at < format.Length && char.IsAsciiDigit(format[at]))
            {
                width = (width * 10) + (format[at++] - '0');
            }
            var colons = 0;
            while (at < format.Length && format[at] == ':')
            {
                colons++;
                at++;
            }
            while (at < format.Length && format[at] is 'E' or 'O')
            {
                at++;
            }
            if (at >= format.Length)
            {
                text.Append(format, start, format.Length - start);
                break;
            }
            var value = One(time, format[at], flag, width, colons, zone);
            text.Append(value is null ? format[start..(at + 1)] : upper ? value.ToUpperInvariant() : value);
        }
        return text.ToString();
    }

    private static string? One(DateTimeOffset t, char letter, char flag, int width, int colons, string zone)
    {
        string Number(long value, int digits, char pad)
        {
            pad = flag switch { '_' => ' ', '0' => '0', '-' => '\0', _ => pad };
            return pad == '\0' ? value.ToString(CultureInfo.InvariantCulture) : value.ToString(CultureInfo.InvariantCulture).PadLeft(Math.Max(digits, width), pad);
        }
        string Again(string format) => Format(t, format, zone);
        var hour12 = t.Hour % 12 == 0 ? 12 : t.Hour % 12;
        return letter switch
        {
            '%' => "%",
            'n' => "\n",
            't' => "\t",
            'a' => t.ToString("ddd", CultureInfo.InvariantCulture),
            'A' => t.ToString("dddd", CultureInfo.InvariantCulture),
            'b' or 'h' => t.ToString("MMM", CultureInfo.InvariantCulture),
            'B' => t.ToString("MMMM", CultureInfo.InvariantCulture),
            'c' => Again("%a %b %e %H:%M:%S %Y"),
            'C' => Number(t.Year / 100, 2, '0'),
            'd' => Number(t.Day, 2, '0'),
            'D' or 'x' => Again("%m/%d/%y"),
            'e' => Number(t.Day, 2, ' '),
            'F' => Again("%Y-%m-%d"),
            'g' => Number(ISOWeek.GetYear(t.DateTime) % 100, 2, '0'),
            'G' => Number(ISOWeek.GetYear(t.DateTime), 4, '0'),
            'H' => Number(t.Hour, 2, '0'),
            'I' => Number(hour12, 2, '0'),
            'j' => Number(t.DayOfYear, 3, '0'),
            'k' => Number(t.Hour, 2, ' '),
            'l' => Number(hour12, 2, ' '),
            'm' => Number(t.Month, 2, '0'),
            'M' => Number(t.Minute, 2, '0'),
            'N' => Nanoseconds(t, width),
            'p' => t.Hour < 12 ? "AM" : "PM",
            'P' => t.Hour < 12 ? "am" : "pm",
            'q' => Number(((t.Month - 1) / 3) + 1, 1, '0'),
            'r' => Again("%I:%M:%S %p"),
            'R' => Again("%H:%M"),
            's' => Number(t.ToUnixTimeSeconds(), 1, '0'),
            'S' => Number(t.Second, 2, '0'),
            'T' or 'X' => Again("%H:%M:%S"),
            'u' => Number(t.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)t.DayOfWeek, 1, '0'),
            'U' => Number((t.DayOfYear + 6 - (int)t.DayOfWeek) / 7, 2, '0'),
            'V' => Number(ISOWeek.GetWeekOfYear(t.DateTime), 2, '0'),
            'w' => Number((int)t.DayOfWeek, 1, '0'),
            'W' => Number((t.DayOfYear + 6 - (((int)t.DayOfWeek + 6) % 7)) / 7, 2, '0'),
            'y' => Number(t.Year % 100, 2, '0'),
            'Y' => Number(t.Year, 4, '0'),
            'z' => Offset(t.Offset, colons),
            'Z' => zone,
            '+' => Again("%a %b %e %H:%M:%S %Z %Y"),
            _ => null,
        };
    }

    private static string Nanoseconds(DateTimeOffset t, int width)
    {
        var digits = (t.Ticks % TimeSpan.TicksPerSecond * 100).ToString("000000000", CultureInfo.InvariantCulture);
        return width is > 0 and < 9 ? digits[..width] : digits;
    }

    private static string Offset(TimeSpan offset, int colons)
    {
        var sign = offset < TimeSpan.Zero ? "-" : "+";
        var format = colons switch { 0 => "hhmm", 1 => @"hh\:mm", _ => @"hh\:mm\:ss" };
        return sign + offset.ToString(format, CultureInfo.InvariantCulture);
    }
}
