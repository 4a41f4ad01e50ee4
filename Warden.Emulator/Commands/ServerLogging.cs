using Microsoft.Extensions.Logging;
using Warden.Spec.Server.Configuration;

namespace Warden.Emulator.Commands;

internal static class ServerLogging
{
    public static ILoggerFactory CreateFactory(LoggingSection logging) => LoggerFactory.Create(builder => builder
        .SetMinimumLevel(logging.Level is "off" ? LogLevel.None : LogLevel.Information)
        .AddConsole(options => options.LogToStandardErrorThreshold = LogLevel.Trace));
}
