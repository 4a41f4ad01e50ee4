using Warden.Emulator.Machine;

namespace Warden.Emulator.Shell.Execution;

/// <summary>Signals by name and in the words of strsignal(3).</summary>
internal static class SignalNames
{
    private const int FirstRealTime = 34;
    private const int LastRealTime = 64;

    /// <summary>The number of a signal by its name, with or without SIG, or by its number; null when there is none.</summary>
    public static int? Parse(string text)
    {
        if (text.Length > 0 && text.All(char.IsAsciiDigit))
        {
            return int.TryParse(text, out var number) && (number <= 31 || number is >= FirstRealTime and <= LastRealTime) ? number : null;
        }

        var name = text.StartsWith("SIG", StringComparison.OrdinalIgnoreCase) ? text[3..] : text;
        name = name.ToUpperInvariant() switch { "CLD" => "CHLD", "POLL" => "IO", "IOT" => "ABRT", "EXIT" => "EXIT", var other => other };
        if (name == "EXIT")
        {
            return 0;
        }

        for (var number = 1; number <= LastRealTime; number++)
        {
            if (Name(number) == name)
            {
                return number;
            }
        }

        return null;
    }

    /// <summary>The name without SIG; null for numbers that are no signal.</summary>
    public static string? Name(int number)
    {
        if (number is > 0 and <= 31)
        {
            return ((Signal)number).ToString();
        }

        return number switch
        {
            < FirstRealTime or > LastRealTime => null,
            FirstRealTime => "RTMIN",
            LastRealTime => "RTMAX",
            <= 49 => $"RTMIN+{number - FirstRealTime}",
            _ => $"RTMAX-{LastRealTime - number}",
        };
    }

    public static string Describe(int number) => number switch
    {
        1 => "Hangup",
        2 => "Interrupt",
        3 => "Quit",
        4 => "Illegal instruction",
        5 => "Trace/breakpoint trap",
        6 => "Aborted",
        7 => "Bus error",
        8 => "Floating point exception",
        9 => "Killed",
        10 => "User defined signal 1",
        11 => "Segmentation fault",
        12 => "User defined signal 2",
        13 => "Broken pipe",
        14 => "Alarm clock",
        15 => "Terminated",
        16 => "Stack fault",
        17 => "Child exited",
        18 => "Continued",
        19 => "Stopped (signal)",
        20 => "Stopped",
        21 => "Stopped (tty input)",
        22 => "Stopped (tty output)",
        23 => "Urgent I/O condition",
        24 => "CPU time limit exceeded",
        25 => "File size limit exceeded",
        26 => "Virtual timer expired",
        27 => "Profiling timer expired",
        28 => "Window changed",
        29 => "I/O possible",
        30 => "Power failure",
        31 => "Bad system call",
        _ => $"Unknown signal {number}",
    };
}
