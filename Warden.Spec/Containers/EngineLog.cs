using Microsoft.Extensions.Logging;

namespace Warden.Spec.Containers;

/// <summary>What the engine logs.</summary>
internal static partial class EngineLog
{
    [LoggerMessage(1, LogLevel.Debug, "{Command} {Handle}")]
    public static partial void Command(ILogger logger, string command, string? handle);

    [LoggerMessage(2, LogLevel.Information, "{Command} {Handle} was refused: {Reason}")]
    public static partial void CommandRefused(ILogger logger, string command, string? handle, string reason);

    [LoggerMessage(3, LogLevel.Error, "{Command} {Handle} failed")]
    public static partial void CommandFailed(ILogger logger, Exception exception, string command, string? handle);

    [LoggerMessage(4, LogLevel.Trace, "{Command} {Request}")]
    public static partial void Request(ILogger logger, string command, string request);

    [LoggerMessage(10, LogLevel.Information, "Container {Handle} was created as {Id}")]
    public static partial void Created(ILogger logger, string handle, string id);

    [LoggerMessage(11, LogLevel.Information, "Container {Handle} was destroyed")]
    public static partial void Destroyed(ILogger logger, string handle);

    [LoggerMessage(12, LogLevel.Information, "Container {Handle} has had no connection for its grace time and is destroyed")]
    public static partial void GraceExpired(ILogger logger, string handle);

    [LoggerMessage(13, LogLevel.Error, "Container {Handle} could not be destroyed")]
    public static partial void DestroyFailed(ILogger logger, Exception exception, string handle);

    [LoggerMessage(14, LogLevel.Warning, "Container {Handle} could not be stopped")]
    public static partial void StopFailed(ILogger logger, Exception exception, string handle);

    [LoggerMessage(15, LogLevel.Warning, "Container {Handle} is out of memory and is stopped")]
    public static partial void OutOfMemory(ILogger logger, string handle);

    [LoggerMessage(16, LogLevel.Warning, "The init of container {Handle} has ended; the container is stopped")]
    public static partial void InitEnded(ILogger logger, string handle);

    [LoggerMessage(17, LogLevel.Error, "The snapshot of container {Handle} could not be written")]
    public static partial void SnapshotFailed(ILogger logger, Exception exception, string handle);

    [LoggerMessage(18, LogLevel.Warning, "What container {Handle} uses could not be measured")]
    public static partial void MeasureFailed(ILogger logger, Exception exception, string handle);

    [LoggerMessage(19, LogLevel.Error, "What a failed creation of container {Handle} left could not be removed")]
    public static partial void CleanUpFailed(ILogger logger, Exception exception, string handle);

    [LoggerMessage(23, LogLevel.Warning, "The disk limits of container {Handle} could not be set again; what is read back may not hold")]
    public static partial void DiskLimitsNotRestored(ILogger logger, Exception exception, string handle);

    [LoggerMessage(20, LogLevel.Debug, "Job {Job} of container {Handle} ended with status {Status}")]
    public static partial void JobEnded(ILogger logger, string handle, uint job, int status);

    [LoggerMessage(21, LogLevel.Warning, "Job {Job} of container {Handle} was killed: it printed more than the limit")]
    public static partial void OutputLimitExceeded(ILogger logger, string handle, uint job);

    [LoggerMessage(36, LogLevel.Warning, "Job {Job} of container {Handle}: a part of its output could not be stored, as on a full disk")]
    public static partial void OutputNotStored(ILogger logger, string handle, uint job);

    [LoggerMessage(22, LogLevel.Debug, "The result of job {Job} of container {Handle} was delivered")]
    public static partial void JobLinked(ILogger logger, string handle, uint job);

    [LoggerMessage(30, LogLevel.Information, "Container {Handle} was recovered from {Id}")]
    public static partial void Recovered(ILogger logger, string handle, string id);

    [LoggerMessage(31, LogLevel.Warning, "The depot's entry {Id} cannot be recovered ({Reason}); its remains are destroyed")]
    public static partial void RemainsDestroyed(ILogger logger, string id, string reason);

    [LoggerMessage(32, LogLevel.Error, "The depot's entry {Id} could be neither recovered nor destroyed; it is left as it is")]
    public static partial void RecoveryFailed(ILogger logger, Exception exception, string id);

    [LoggerMessage(33, LogLevel.Warning, "The depot's entry {Name} is no container's and is left alone")]
    public static partial void ForeignEntry(ILogger logger, string name);

    [LoggerMessage(37, LogLevel.Error, "Container {Handle} was recovered without its forwarded port {Port}: another container has that port of the host")]
    public static partial void PortTaken(ILogger logger, string handle, int port);

    [LoggerMessage(34, LogLevel.Information, "The server has recovered {Count} containers")]
    public static partial void Started(ILogger logger, int count);

    [LoggerMessage(35, LogLevel.Information, "The server leaves {Count} containers to its successor")]
    public static partial void Drained(ILogger logger, int count);
}
