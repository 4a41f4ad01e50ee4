using System.Globalization;
using System.Text;

namespace Warden.Emulator.Shell.Builtins;

/// <summary>strftime(3) in the C locale and UTC.</summary>
internal static class TimeFormat
{
    public static string Format(string pattern, DateTimeOffset time)
    {
        var text = new StringBuilder();
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] != '%' || i + 1 >= pattern.Length)
            {
                text.Append(pattern[i]);
                continue;
            }

            var letter = pattern[++i];
            if (letter is '-' or '_' or 'E' or 'O' && i + 1 < pattern.Length)
            {
                var value = Convert(pattern[++i], time);
                text.Append(letter == '-' ? value.TrimStart('0', ' ') is { Length: > 0 } trimmed ? trimmed : "0" : value);
                continue;
            }

            text.Append(Convert(letter, time));
        }

        return text.ToString();
    }

    private static string Convert(char letter, DateTimeOffset time) => letter switch
    {
        'a' => Culture(time, "ddd"),
        'A' => Culture(time, "dddd"),
        'b' or 'h' => Culture(time, "MMM"),
        'B' => Culture(time, "MMMM"),
        'c' => $"{Culture(time, "ddd MMM")} {time.Day,2} {Culture(time, "HH:mm:ss yyyy")}",
        'C' => (time.Year / 100).ToString("D2"),
        'd' => time.Day.ToString("D2"),
        'D' or 'x' => Culture(time, "MM\\/dd\\/yy"),
        'e' => time.Day.ToString().PadLeft(2),
        'F' => Culture(time, "yyyy-MM-dd"),
        'G' => ISOWeek.GetYear(time.DateTime).ToString("D4"),
        'g' => (ISOWeek.GetYear(time.DateTime) % 100).ToString("D2"),
        'H' => time.Hour.ToString("D2"),
        'I' => (((time.Hour + 11) % 12) + 1).ToString("D2"),
        'j' => time.DayOfYear.ToString("D3"),
        'k' => time.Hour.ToString().PadLeft(2),
        'l' => (((time.Hour + 11) % 12) + 1).ToString().PadLeft(2),
        'm' => time.Month.ToString("D2"),
        'M' => time.Minute.ToString("D2"),
        'n' => "\n",
        'N' => (time.Ticks % TimeSpan.TicksPerSecond * 100).ToString("D9"),
        'p' => time.Hour < 12 ? "AM" : "PM",
        'P' => time.Hour < 12 ? "am" : "pm",
        'r' => Culture(time, "hh:mm:ss ") + (time.Hour < 12 ? "AM" : "PM"),
        'R' => Culture(time, "HH:mm"),
        's' => time.ToUnixTimeSeconds().ToString(),
        'S' => time.Second.ToString("D2"),
        't' => "\t",
        'T' or 'X' => Culture(time, "HH:mm:ss"),
        'u' => (time.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)time.DayOfWeek).ToString(),
        'U' => ((time.DayOfYear + 6 - (int)time.DayOfWeek) / 7).ToString("D2"),
        'V' => ISOWeek.GetWeekOfYear(time.DateTime).ToString("D2"),
        'w' => ((int)time.DayOfWeek).ToString(),
        'W' => ((time.DayOfYear + 6 - (((int)time.DayOfWeek + 6) % 7)) / 7).ToString("D2"),
        'y' => (time.Year % 100).ToString("D2"),
        'Y' => time.Year.ToString(),
        'z' => "+0000",
        'Z' => "UTC",
        '%' => "%",
        _ => "%" + letter,
    };

    private static string Culture(DateTimeOffset time, string format) => time.ToString(format, CultureInfo.InvariantCulture);
}
