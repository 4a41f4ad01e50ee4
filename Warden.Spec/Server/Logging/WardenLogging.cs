using Microsoft.Extensions.Logging;
using Warden.Spec.Server.Configuration;
using Warden.Spec.Server.Syslog;

namespace Warden.Spec.Server.Logging;

/// <summary>Logs as the section <c>logging</c> of the configuration says (protocol.md §6).</summary>
public static class WardenLogging
{
    /// <summary>
    /// Logs from the configured level on: to the configured file, or else to standard error; and to syslog where a tag is configured.
    /// Standard output stays free for what a program says to its caller.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="logging">The section.</param>
    /// <param name="timeProvider">Gives the time stamps; null means the system's.</param>
    /// <exception cref="WardenException">The file cannot be written.</exception>
    public static ILoggingBuilder AddWarden(this ILoggingBuilder builder, LoggingSection logging, TimeProvider? timeProvider = null)
    {
        var clock = timeProvider ?? TimeProvider.System;
        var level = LogLevels.FromName(logging.Level);
        builder.SetMinimumLevel(level);
        if (level == LogLevel.None)
        {
            return builder;
        }

        builder.AddProvider(new LogLineProvider(
            logging.File is { } file ? TextLog.OfFile(file, clock) : TextLog.OfStandardError(clock), level));
        if (logging.Syslog is { } tag)
        {
            builder.AddProvider(new LogLineProvider(new SyslogLog(tag, new SyslogSender(), clock), level));
        }

        return builder;
    }

    /// <summary>A factory of such loggers for a server that is not hosted.</summary>
    /// <param name="logging">The section.</param>
    /// <param name="timeProvider">Gives the time stamps; null means the system's.</param>
    /// <exception cref="WardenException">The file cannot be written.</exception>
    public static ILoggerFactory CreateFactory(LoggingSection logging, TimeProvider? timeProvider = null) =>
        LoggerFactory.Create(builder => builder.AddWarden(logging, timeProvider));
}
