using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>Signals by name and number, as kill and timeout take them.</summary>
internal static class SignalNames
{
    /// <summary>Parses "TERM", "SIGTERM", "term" or "15". 0 only probes and gives null.</summary>
    public static bool TryParse(string text, out Signal? signal)
    {
        signal = null;
        if (int.TryParse(text, out var number))
        {
            if (number > 128)
            {
                number -= 128;
            }
            signal = number == 0 ? null : (Signal)number;
            return number == 0 || (number > 0 && Enum.IsDefined((Signal)number));
        }
        var name = text.ToUpperInvariant();
        if (name.StartsWith("SIG", StringComparison.Ordinal))
        {
            name = name[3..];
        }
        name = name switch { "POLL" => "IO", "IOT" => "ABRT", "CLD" => "CHLD", _ => name };
        if (name == "EXIT")
        {
            return true;
        }
        if (name.Length > 0 && char.IsAsciiLetter(name[0]) && Enum.TryParse<Signal>(name, out var parsed))
        {
            signal = parsed;
            return true;
        }
        return false;
    }
}
