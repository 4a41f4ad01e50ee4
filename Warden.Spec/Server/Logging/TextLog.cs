using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Warden.Spec.Server.Logging;

/// <summary>Writes the log as text, a line an entry, into a file or to standard error.</summary>
/// <param name="stream">Where it goes; closed at the end.</param>
/// <param name="clock">Gives the time stamps, which are UTC.</param>
internal sealed class TextLog(Stream stream, TimeProvider clock) : ILogLines
{
    private readonly Lock _lock = new();
    private bool _closed;

    /// <summary>The log of a file, which is appended to; another program may rotate it by copying and truncating.</summary>
    /// <exception cref="WardenException">The file cannot be written.</exception>
    public static TextLog OfFile(string path, TimeProvider clock)
    {
        try
        {
            return new TextLog(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, 1), clock);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WardenException($"cannot write the log file {path}: {e.Message}", e);
        }
    }

    /// <summary>The log of standard error.</summary>
    public static TextLog OfStandardError(TimeProvider clock) => new(Console.OpenStandardError(), clock);

    /// <inheritdoc/>
    public void Write(LogLevel level, string category, string message, Exception? exception)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{clock.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {LogLevels.Name(level),-5} {category}: ");
        AppendLine(text, message);
        if (exception is not null)
        {
            foreach (var line in exception.ToString().AsSpan().EnumerateLines())
            {
                text.Append("    ");
                AppendLine(text, line);
            }
        }

        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        try
        {
            lock (_lock)
            {
                if (!_closed)
                {
                    stream.Write(bytes);
                    stream.Flush();
                }
            }
        }
        catch (IOException)
        {
            // A full disk or a closed pipe must not end the server.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _closed = true;
            stream.Dispose();
        }
    }

    /// <summary>Appends a line in which nothing a client sent can pass for a line of its own.</summary>
    private static void AppendLine(StringBuilder text, ReadOnlySpan<char> line)
    {
        foreach (var character in line)
        {
            if (char.IsControl(character))
            {
                text.Append(CultureInfo.InvariantCulture, $"\\x{(int)character:x2}");
            }
            else
            {
                text.Append(character);
            }
        }

        text.Append('\n');
    }
}
