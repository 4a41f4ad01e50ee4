using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Warden.Spec.Server.Syslog;

namespace Warden.Spec.Server.Logging;

/// <summary>Sends the log to syslog, as facility user.</summary>
/// <param name="tag">The configured tag.</param>
/// <param name="sender">Sends; disposed at the end.</param>
/// <param name="clock">Gives the time stamps, in its local zone.</param>
internal sealed class SyslogLog(string tag, SyslogSender sender, TimeProvider clock) : ILogLines
{
    private const int User = 1 << 3;

    /// <inheritdoc/>
    public void Write(LogLevel level, string category, string message, Exception? exception)
    {
        var now = clock.GetLocalNow();
        var text = exception is null ? message : $"{message} ({exception.GetType().Name}: {exception.Message})";
        sender.Send(Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"<{User | LogLevels.Severity(level)}>{now:MMM} {now.Day,2} {now:HH:mm:ss} {tag}[{Environment.ProcessId}]: {category}: {text.ReplaceLineEndings(" ")}")));
    }

    /// <inheritdoc/>
    public void Dispose() => sender.DisposeAsync().AsTask().GetAwaiter().GetResult();
}
