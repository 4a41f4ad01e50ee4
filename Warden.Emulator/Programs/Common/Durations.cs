using System.Globalization;

namespace Warden.Emulator.Programs;

/// <summary>Times as sleep and timeout take them: a number with an optional s, m, h or d, or "infinity".</summary>
internal static class Durations
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(24.8);

    public static bool TryParse(string text, out TimeSpan time)
    {
        time = TimeSpan.Zero;
        var (number, length) = Numbers.ParseReal(text);
        if (length == 0 || number < 0 || double.IsNaN(number) || text[0] is ' ' or '\t')
        {
            return false;
        }
        var factor = text[length..] switch { "" or "s" => 1, "m" => 60, "h" => 3600, "d" => 86400, _ => 0 };
        if (factor == 0)
        {
            return false;
        }
        var seconds = number * factor;
        // Timers have an end: nothing that an emulated machine waits for is longer.
        time = seconds >= Longest.TotalSeconds ? Longest : TimeSpan.FromSeconds(seconds);
        return true;
    }

    public static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
}
