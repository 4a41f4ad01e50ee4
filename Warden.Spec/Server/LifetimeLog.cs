using Microsoft.Extensions.Logging;

namespace Warden.Spec.Server;

/// <summary>What is logged of a server's start and end.</summary>
internal static partial class LifetimeLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Serving on {EndPoints}")]
    public static partial void Started(ILogger logger, string endPoints);

    [LoggerMessage(Level = LogLevel.Information, Message = "Draining: waiting for the requests in work")]
    public static partial void Draining(ILogger logger);

    [LoggerMessage(Level = LogLevel.Information, Message = "Drained; containers and jobs stay")]
    public static partial void Drained(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The configuration asks for {Asked}, which this server is not: its containers are {Own}")]
    public static partial void OtherContainerClass(ILogger logger, string asked, string own);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Warning}")]
    public static partial void ConfigurationWarning(ILogger logger, string warning);
}
