using Microsoft.Extensions.Logging;

namespace Warden.Spec.Server.Logging;

/// <summary>The levels of the file of 2012 to 2016 (protocol.md §6).</summary>
internal static class LogLevels
{
    /// <summary>The level from which on is logged.</summary>
    /// <param name="name">off, fatal, error, warn, info, debug, debug1, debug2 or all.</param>
    public static LogLevel FromName(string name) => name switch
    {
        "off" => LogLevel.None,
        "fatal" => LogLevel.Critical,
        "error" => LogLevel.Error,
        "warn" => LogLevel.Warning,
        "info" => LogLevel.Information,
        "debug" => LogLevel.Debug,
        "debug1" or "debug2" or "all" => LogLevel.Trace,
        _ => throw new ArgumentException($"There is no level {name}.", nameof(name)),
    };

    /// <summary>The name in a line.</summary>
    public static string Name(LogLevel level) => level switch
    {
        LogLevel.Critical => "FATAL",
        LogLevel.Error => "ERROR",
        LogLevel.Warning => "WARN",
        LogLevel.Information => "INFO",
        _ => "DEBUG",
    };

    /// <summary>The severity of syslog (RFC 5424, 6.2.1).</summary>
    public static int Severity(LogLevel level) => level switch
    {
        LogLevel.Critical => 2,
        LogLevel.Error => 3,
        LogLevel.Warning => 4,
        LogLevel.Information => 6,
        _ => 7,
    };
}
