using System.Text.Json;
using Google.Protobuf;
using Warden.Spec.Commands;
using Warden.Spec.Protocol;

namespace Warden.Spec.Capture.Replay;

/// <summary>An answer that was recorded, and that must come again.</summary>
/// <param name="row">The command that it answers; null where that is not known.</param>
/// <param name="line">The line that tells it.</param>
/// <param name="names">What was learnt, and will be.</param>
internal sealed class RecordedAnswer(CommandRow? row, JsonElement line, LearntNames names)
{
    private const string Closed = "the server closed the connection";

    /// <summary>What a line expects of the server.</summary>
    public static string Describe(JsonElement line) =>
        line.TryGetProperty("response", out var response) ? response.GetRawText()
        : line.TryGetProperty("error", out var error) ? $"the error {error.GetRawText()}"
        : line.TryGetProperty("end", out _) || line.TryGetProperty("close", out _) ? "the end of the connection"
        : line.GetRawText();

    /// <summary>Reads the end of the connection.</summary>
    /// <exception cref="DivergenceException">Something else came.</exception>
    public static async Task ExpectEndAsync(ReplayConnection connection, CancellationToken cancellationToken)
    {
        const string Expected = "the end of the connection";
        try
        {
            if (await connection.ReadAsync(cancellationToken).ConfigureAwait(false) is { } answer)
            {
                throw new DivergenceException(Expected, Describe(answer), "an answer came where the server had ended the connection");
            }
        }
        catch (FrameException e)
        {
            throw new DivergenceException(Expected, e.Message, "something came where the server had ended the connection");
        }
    }

    /// <summary>Reads the answer.</summary>
    /// <exception cref="DivergenceException">Another came.</exception>
    public async Task ExpectAsync(ReplayConnection connection, IMessage? request, CancellationToken cancellationToken)
    {
        var isStream = row?.Reply == ReplyShape.Stream;
        if (line.TryGetProperty("response", out var response))
        {
            if (isStream && StreamProgress.IsOutput(response, out var name, out var data))
            {
                await ExpectOutputAsync(connection, name, data, cancellationToken).ConfigureAwait(false);
                return;
            }

            await ExpectResponseAsync(connection, request, response, isStream, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            var answer = await ReadAsync(connection, cancellationToken).ConfigureAwait(false);
            Check(answer, answer.Error is { } error
                ? new AnswerComparison(names).CompareError(line.GetProperty("error"), error)
                : "it succeeded, and an error was recorded");
        }

        connection.Answered();
    }

    private async Task ExpectResponseAsync(
        ReplayConnection connection, IMessage? request, JsonElement response, bool isStream, CancellationToken cancellationToken)
    {
        if (line.TryGetProperty("streamed", out var streamed))
        {
            foreach (var output in streamed.EnumerateObject())
            {
                await ExpectOutputAsync(connection, output.Name, output.Value, cancellationToken).ConfigureAwait(false);
            }
        }

        var answer = await ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        while (isStream && answer is { IsContinued: true, Message: StreamResponse output })
        {
            connection.Output.Add(output);
            answer = await ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        }

        CheckSucceeded(answer);
        if (isStream)
        {
            Check(answer, connection.Output.CompareEnd());
        }

        Check(answer, new AnswerComparison(names).Compare(response, answer.Message, request));
    }

    private async Task ExpectOutputAsync(ReplayConnection connection, string name, JsonElement data, CancellationToken cancellationToken)
    {
        connection.Output.Expect(name, data);
        Answer? answer = null;
        while (true)
        {
            Check(answer, connection.Output.Compare(name));
            if (!connection.Output.IsBehind(name))
            {
                return;
            }

            answer = await ReadAsync(connection, cancellationToken).ConfigureAwait(false);
            CheckSucceeded(answer);
            if (answer is not { IsContinued: true, Message: StreamResponse output })
            {
                throw Diverges(answer, $"the stream ended before all of {name} that was recorded");
            }

            connection.Output.Add(output);
        }
    }

    private async Task<Answer> ReadAsync(ReplayConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.ReadAsync(cancellationToken).ConfigureAwait(false)
                ?? throw new DivergenceException(Describe(line), Closed, Closed);
        }
        catch (FrameException e)
        {
            throw new DivergenceException(Describe(line), e.Message, "what came is no answer");
        }
    }

    private void CheckSucceeded(Answer answer) => Check(answer,
        answer.Error is { } error ? $"it failed with {TranscriptFields.ToText(ByteString.CopyFromUtf8(error.Message).Memory)}"
        : answer.Row != row ? $"the answer is one to {CommandNames.Of(answer.Row!)}"
        : null);

    private void Check(Answer? answer, string? difference)
    {
        if (difference is not null)
        {
            throw Diverges(answer, difference);
        }
    }

    private DivergenceException Diverges(Answer? answer, string difference) =>
        new(Describe(line), answer is null ? "what came before" : Describe(answer), difference);

    private static string Describe(Answer answer) => answer.Error is { } error
        ? $"the error {TranscriptFields.ToText(ByteString.CopyFromUtf8(error.Message).Memory)}"
        : TranscriptFields.ToText(answer.Message);
}
