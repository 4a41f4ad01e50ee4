using System.Globalization;

namespace Warden.Emulator.Programs;

/// <summary>The everyday forms of dates that date -d and touch -d take; times are UTC unless they say otherwise.</summary>
internal static class DateParser
{
    private static readonly string[] Units = ["second", "minute", "hour", "day", "week", "fortnight", "month", "year", "sec", "min"];

    public static DateTimeOffset? Parse(string text, DateTimeOffset now)
    {
        text = text.Trim();
        if (text.StartsWith('@'))
        {
            return decimal.TryParse(text.AsSpan(1), NumberStyles.Number, CultureInfo.InvariantCulture, out var seconds)
                && Math.Abs(seconds) < 250_000_000_000m
                ? DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond))
                : null;
        }
        var state = new State(now);
        var words = Split(text);
        for (var i = 0; i < words.Count; i++)
        {
            if (!state.Take(words, ref i))
            {
                return null;
            }
        }
        return state.Result;
    }

    private static List<string> Split(string text)
    {
        var words = new List<string>();
        foreach (var word in text.Replace(',', ' ').Split((char[])[' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            // "2024-01-02T03:04:05Z" and "+2days" are several words.
            var t = word.IndexOf('T', StringComparison.Ordinal);
            if (t > 0 && char.IsAsciiDigit(word[0]) && word[..t].Contains('-', StringComparison.Ordinal))
            {
                words.Add(word[..t]);
                words.Add(word[(t + 1)..]);
                continue;
            }
            var sign = word[0] is '+' or '-' ? 1 : 0;
            var digits = sign;
            while (digits < word.Length && char.IsAsciiDigit(word[digits]))
            {
                digits++;
            }
            if (digits > sign && digits < word.Length && Array.Exists(Units, u => word[digits..].ToLowerInvariant().TrimEnd('s') == u))
            {
                words.Add(word[..digits]);
                words.Add(word[digits..]);
                continue;
            }
            words.Add(word);
        }
        return words;
    }

    private sealed class State(DateTimeOffset now)
    {
        private DateTime _time = now.UtcDateTime;
        private TimeSpan _offset = TimeSpan.Zero;
        private bool _hasTime;

        public DateTimeOffset Result => new DateTimeOffset(_time, TimeSpan.Zero) - _offset;

        public bool Take(List<string> words, ref int i)
        {
            var word = words[i].ToLowerInvariant();
            switch (word)
            {
                case "now" or "today":
                    return true;
                case "yesterday":
                    _time = _time.AddDays(-1);
                    return true;
                case "tomorrow":
                    _time = _time.AddDays(1);
                    return true;
                case "midnight":
                    return SetTime(TimeSpan.Zero);
                case "noon":
                    return SetTime(TimeSpan.FromHours(12));
                case "utc" or "gmt" or "z":
                    return true;
                case "next" or "last" when i + 1 < words.Count:
                    return Shift(word == "next" ? 1 : -1, words[++i].ToLowerInvariant());
            }
            if (long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count) && i + 1 < words.Count
                && Units.Contains(words[i + 1].ToLowerInvariant().TrimEnd('s')))
            {
                var unit = words[++i].ToLowerInvariant();
                if (i + 1 < words.Count && words[i + 1].Equals("ago", StringComparison.OrdinalIgnoreCase))
                {
                    i++;
                    count = -count;
                }
                return Shift(count, unit);
            }
            if (word.Contains(':', StringComparison.Ordinal))
            {
                return TimeOfDay(word);
            }
            if ((word[0] is '+' or '-') && word.Length == 5 && int.TryParse(word.AsSpan(1), out var zone))
            {
                _offset = (word[0] == '-' ? -1 : 1) * new TimeSpan(zone / 100, zone % 100, 0);
                return true;
            }
            return Date(word) || NamedDate(words, ref i);
        }

        private bool SetTime(TimeSpan time)
        {
            _time = _time.Date + time;
            _hasTime = true;
            return true;
        }

        private bool Shift(long count, string unit)
        {
            try
            {
                _time = unit.TrimEnd('s') switch
                {
                    "second" or "sec" => _time.AddSeconds(count),
                    "minute" or "min" => _time.AddMinutes(count),
                    "hour" => _time.AddHours(count),
                    "day" => _time.AddDays(count),
                    "week" => _time.AddDays(7 * count),
                    "fortnight" => _time.AddDays(14 * count),
                    "month" => _time.AddMonths((int)count),
                    "year" => _time.AddYears((int)count),
                    _ => throw new FormatException(),
                };
                return true;
            }
            catch (Exception failure) when (failure is ArgumentOutOfRangeException or FormatException)
            {
                return false;
            }
        }

        private bool TimeOfDay(string word)
        {
            var zone = word.AsSpan().LastIndexOfAny('+', '-');
            if (zone > 0)
            {
                var digits = word[(zone + 1)..].Replace(":", "", StringComparison.Ordinal);
                if (!int.TryParse(digits, out var hours))
                {
                    return false;
                }
                hours = digits.Length <= 2 ? hours * 100 : hours;
                _offset = (word[zone] == '-' ? -1 : 1) * new TimeSpan(hours / 100, hours % 100, 0);
                word = word[..zone];
            }
            word = word.TrimEnd('z');
            return TimeSpan.TryParseExact(word.Replace(',', '.'), [@"h\:mm", @"h\:mm\:ss", @"h\:mm\:ss\.FFFFFFF"], CultureInfo.InvariantCulture, out var time)
                && SetTime(time);
        }

        private bool Date(string word)
        {
            if (!DateTime.TryParseExact(
                word, ["yyyy-M-d", "yyyyMMdd", "M/d/yyyy", "yyyy/M/d", "M/d"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            {
                return false;
            }
            _time = date + (_hasTime ? _time.TimeOfDay : TimeSpan.Zero);
            return true;
        }

        // "1 Jan 2024", "Jan 1 2024", "Mon Jan 1 00:00:00 UTC 2024".
        private bool NamedDate(List<string> words, ref int i)
        {
            var word = words[i];
            if (DateTime.TryParseExact(word, ["ddd", "dddd"], CultureInfo.InvariantCulture, DateTimeStyles.None, out _) || IsDayName(word))
            {
                return true;
            }
            if (word.Length == 4 && int.TryParse(word, out var year))
            {
                _time = new DateTime(year, _time.Month, Math.Min(_time.Day, DateTime.DaysInMonth(year, _time.Month))) + _time.TimeOfDay;
                return true;
            }
            if (i + 1 >= words.Count)
            {
                return false;
            }
            var (month, day) = char.IsAsciiDigit(word[0]) ? (words[i + 1], word) : (word, words[i + 1]);
            if (!DateTime.TryParseExact(month, ["MMM", "MMMM"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed)
                || !int.TryParse(day, out var number) || number < 1 || number > DateTime.DaysInMonth(_time.Year, parsed.Month))
            {
                return false;
            }
            i++;
            _time = new DateTime(_time.Year, parsed.Month, number) + (_hasTime ? _time.TimeOfDay : TimeSpan.Zero);
            return true;
        }

        private static bool IsDayName(string word) =>
            Enum.GetNames<DayOfWeek>().Any(n => n.Equals(word, StringComparison.OrdinalIgnoreCase) || n[..3].Equals(word, StringComparison.OrdinalIgnoreCase));
    }
}
