using System.Text;

namespace Warden.Emulator.Shell.Execution;

/// <summary>What time prints, by TIMEFORMAT.</summary>
internal static class TimeReport
{
    private const string Default = "\nreal\t%3lR\nuser\t%3lU\nsys\t%3lS";
    private const string Portable = "real %2R\nuser %2U\nsys %2S";

    public static string Format(
        Interpreter shell, TimeSpan real, (TimeSpan Own, TimeSpan Children) before, (TimeSpan Own, TimeSpan Children) after, bool portably)
    {
        var user = after.Own + after.Children - before.Own - before.Children;
        var format = portably ? Portable : shell.GetParameter("TIMEFORMAT") ?? Default;
        if (format.Length == 0)
        {
            return "";
        }

        var text = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 >= format.Length)
            {
                text.Append(format[i]);
                continue;
            }

            i++;
            var precision = 3;
            if (char.IsAsciiDigit(format[i]) && i + 1 < format.Length)
            {
                precision = Math.Min(3, format[i++] - '0');
            }

            var minutes = format[i] == 'l' && i + 1 < format.Length;
            if (minutes)
            {
                i++;
            }

            switch (format[i])
            {
                case '%':
                    text.Append('%');
                    break;
                case 'R':
                    text.Append(Seconds(real, precision, minutes));
                    break;
                case 'U':
                    text.Append(Seconds(user, precision, minutes));
                    break;
                case 'S':
                    text.Append(Seconds(TimeSpan.Zero, precision, minutes));
                    break;
                case 'P':
                    text.Append((real.Ticks == 0 ? 0 : Math.Min(100, 100.0 * user.Ticks / real.Ticks)).ToString("F2"));
                    break;
            }
        }

        return text.Append('\n').ToString();
    }

    /// <summary>0m1.234s or 1.234.</summary>
    public static string Seconds(TimeSpan time, int precision, bool minutes)
    {
        // Truncated, not rounded.
        var scale = (long)Math.Pow(10, precision);
        var units = time.Ticks * scale / TimeSpan.TicksPerSecond;
        var whole = units / scale;
        var fraction = precision == 0 ? "" : "." + (units % scale).ToString().PadLeft(precision, '0');
        return minutes ? $"{whole / 60}m{whole % 60}{fraction}s" : $"{whole}{fraction}";
    }
}
