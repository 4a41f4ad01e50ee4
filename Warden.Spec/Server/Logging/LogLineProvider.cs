using Microsoft.Extensions.Logging;

namespace Warden.Spec.Server.Logging;

/// <summary>Where lines of the log go.</summary>
internal interface ILogLines : IDisposable
{
    /// <summary>Takes one entry. Safe for concurrent use; a failure to write is nobody's.</summary>
    void Write(LogLevel level, string category, string message, Exception? exception);
}

/// <summary>Passes every entry of a level or above on as it is.</summary>
/// <param name="lines">Where they go; disposed with the provider.</param>
/// <param name="smallest">The level.</param>
[ProviderAlias("Warden")]
internal sealed class LogLineProvider(ILogLines lines, LogLevel smallest) : ILoggerProvider
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new LineLogger(lines, smallest, categoryName);

    /// <inheritdoc/>
    public void Dispose() => lines.Dispose();

    private sealed class LineLogger(ILogLines lines, LogLevel smallest, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None && logLevel >= smallest;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                lines.Write(logLevel, category, formatter(state, exception), exception);
            }
        }
    }
}
