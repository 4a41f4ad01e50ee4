using Microsoft.Extensions.Logging;

namespace Warden.Emulator.Commands;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "{Warning}")]
    public static partial void ConfigurationWarning(ILogger logger, string warning);
}
