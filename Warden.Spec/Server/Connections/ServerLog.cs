using Microsoft.Extensions.Logging;

namespace Warden.Spec.Server.Connections;

/// <summary>What the server's own parts log.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "Connection {Connection} is open")]
    public static partial void ConnectionOpened(ILogger logger, long connection);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Connection {Connection} has ended")]
    public static partial void ConnectionEnded(ILogger logger, long connection);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Connection {Connection}: the client went away")]
    public static partial void ClientGone(ILogger logger, long connection);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Connection {Connection} is closed: {Reason}")]
    public static partial void BadFrame(ILogger logger, long connection, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Connection {Connection}: {Command} failed: {Reason}")]
    public static partial void RequestFailed(ILogger logger, Exception? cause, long connection, string command, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Connection {Connection}: {Command} failed unexpectedly")]
    public static partial void RequestBroke(ILogger logger, Exception exception, long connection, string command);

    [LoggerMessage(Level = LogLevel.Error, Message = "Connection {Connection} broke")]
    public static partial void ConnectionBroke(ILogger logger, Exception exception, long connection);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Accepting a connection failed; trying again")]
    public static partial void AcceptFailed(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Connection {Connection} is cut: its client has not taken an answer for {Stalled}")]
    public static partial void ConnectionCut(ILogger logger, long connection, TimeSpan stalled);
}
