using System.Globalization;
using System.Text.Json;

namespace Warden.Spec.Capture.Replay;

/// <summary>Does what the lines of a transcript say, one after the other.</summary>
/// <param name="options">Against whom, and how.</param>
internal sealed class SessionPlayer(ReplayOptions options) : IAsyncDisposable
{
    private readonly Dictionary<string, ReplayConnection> _connections = new(StringComparer.Ordinal);
    private readonly LearntNames _names = new();
    private double? _previous;

    /// <summary>The name of the connection of the line in work.</summary>
    public string Connection { get; private set; } = string.Empty;

    /// <summary>The request whose answer the line in work is.</summary>
    public string Request { get; private set; } = string.Empty;

    /// <summary>How many requests were sent.</summary>
    public int Requests { get; private set; }

    /// <summary>Does what a line says.</summary>
    /// <exception cref="DivergenceException">The server does something else than was recorded.</exception>
    /// <exception cref="FormatException">The line says nothing that can be done.</exception>
    /// <exception cref="WardenException">Nobody listens where the server should.</exception>
    public async Task PlayAsync(JsonElement line, CancellationToken cancellationToken)
    {
        var pause = Pause(line);
        Connection = line.TryGetProperty("on", out var on) ? on.GetString()! : string.Empty;
        if (line.TryGetProperty("then", out var then))
        {
            await AnswerAsync(line, then.GetString()!, cancellationToken).ConfigureAwait(false);
        }
        else if (line.TryGetProperty("server bytes", out var bytes))
        {
            await ExpectBytesAsync(line, TranscriptText.Read(bytes), cancellationToken).ConfigureAwait(false);
        }
        else if ((line.TryGetProperty("end", out var ended) || line.TryGetProperty("close", out ended)) && ended.ValueEquals("server"u8))
        {
            await ExpectEndAsync(line, cancellationToken).ConfigureAwait(false);
        }
        else if (!line.TryGetProperty("refused", out _))
        {
            await Task.Delay(pause, options.TimeProvider, cancellationToken).ConfigureAwait(false);
            await ActAsync(line, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections.Values)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Does what the client did.</summary>
    private async Task ActAsync(JsonElement line, CancellationToken cancellationToken)
    {
        if (line.TryGetProperty("request", out var request))
        {
            await SendAsync(line, request.GetString()!, cancellationToken).ConfigureAwait(false);
            await AnswerAsync(line, request.GetString()!, cancellationToken).ConfigureAwait(false);
        }
        else if (line.TryGetProperty("sent", out var sent))
        {
            await SendAsync(line, sent.GetString()!, cancellationToken).ConfigureAwait(false);
        }
        else if (line.TryGetProperty("client bytes", out var bytes))
        {
            var connection = await OnAsync(cancellationToken).ConfigureAwait(false);
            await WithinAsync(line, token => connection.SendAsync(TranscriptText.Read(bytes), token), cancellationToken).ConfigureAwait(false);
        }
        else if (line.TryGetProperty("open", out _))
        {
            await OnAsync(cancellationToken).ConfigureAwait(false);
        }
        else if (line.TryGetProperty("end", out _))
        {
            (await OnAsync(cancellationToken).ConfigureAwait(false)).EndSending();
        }
        else if (line.TryGetProperty("close", out var close))
        {
            if (_connections.Remove(Connection.Length > 0 ? Connection : close.GetString()!, out var connection))
            {
                await connection.DisposeAsync().ConfigureAwait(false);
            }
        }
        else if (line.TryGetProperty("wait", out var wait))
        {
            await Task.Delay(TimeSpan.FromSeconds(wait.GetDouble()), options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            throw new FormatException("it says nothing that can be done");
        }
    }

    /// <summary>How long the client waited since the line before.</summary>
    private TimeSpan Pause(JsonElement line)
    {
        double? at = line.TryGetProperty("at", out var time) ? time.GetDouble() : null;
        var pause = at - _previous;
        _previous = at ?? _previous;
        return options.KeepTimings && pause > 0 ? TimeSpan.FromSeconds(pause.Value) : TimeSpan.Zero;
    }

    private async Task<ReplayConnection> OnAsync(CancellationToken cancellationToken)
    {
        if (Connection.Length == 0)
        {
            throw new FormatException("it names no connection");
        }

        if (!_connections.TryGetValue(Connection, out var connection))
        {
            _connections[Connection] = connection =
                await ReplayConnection.OpenAsync(options.Server, _names, cancellationToken).ConfigureAwait(false);
        }

        return connection;
    }

    private async Task SendAsync(JsonElement line, string command, CancellationToken cancellationToken)
    {
        var row = CommandNames.Find(command);
        var connection = await OnAsync(cancellationToken).ConfigureAwait(false);
        var message = RequestFrame.Read(row, line, _names);
        connection.Waiting.Enqueue((row, message));
        Requests++;
        await WithinAsync(line, token => connection.SendAsync(RequestFrame.Encode(row, message, line), token), cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task AnswerAsync(JsonElement line, string command, CancellationToken cancellationToken)
    {
        var row = command == CommandNames.Error ? null : CommandNames.Find(command);
        var connection = await OnAsync(cancellationToken).ConfigureAwait(false);
        var request = connection.Waiting.TryPeek(out var waiting) ? waiting.Message : null;
        Request = request is null ? string.Empty : $"{CommandNames.Of(waiting.Row)} {TranscriptFields.ToText(request)}";
        var recorded = new RecordedAnswer(row, line, _names);
        await WithinAsync(line, token => recorded.ExpectAsync(connection, request, token), cancellationToken).ConfigureAwait(false);
    }

    private async Task ExpectBytesAsync(JsonElement line, byte[] expected, CancellationToken cancellationToken)
    {
        var connection = await OnAsync(cancellationToken).ConfigureAwait(false);
        Request = string.Empty;
        byte[] got = [];
        await WithinAsync(line, async token => got = await connection.ReadBytesAsync(expected.Length, token).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);
        if (TextDifference.Of("what came", expected, got) is { } difference)
        {
            throw new DivergenceException(TranscriptFields.ToText(expected), TranscriptFields.ToText(got), difference);
        }
    }

    private async Task ExpectEndAsync(JsonElement line, CancellationToken cancellationToken)
    {
        var connection = await OnAsync(cancellationToken).ConfigureAwait(false);
        Request = string.Empty;
        await WithinAsync(line, token => RecordedAnswer.ExpectEndAsync(connection, token), cancellationToken).ConfigureAwait(false);
        if (line.TryGetProperty("close", out _))
        {
            _connections.Remove(Connection);
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Gives what the server does the time that it took when it was recorded, and the timeout.</summary>
    private async Task WithinAsync(JsonElement line, Func<CancellationToken, Task> action, CancellationToken cancellationToken)
    {
        var limit = options.Timeout + (line.TryGetProperty("took", out var took) ? TimeSpan.FromSeconds(took.GetDouble()) : TimeSpan.Zero);
        using var timer = new CancellationTokenSource(limit, options.TimeProvider);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            await action(deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var seconds = string.Create(CultureInfo.InvariantCulture, $"{limit.TotalSeconds:0.###}");
            throw new DivergenceException(RecordedAnswer.Describe(line), "nothing", $"nothing came within {seconds} s");
        }
    }
}
