using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Warden.Spec.Capture.Replay;

/// <summary>Reads a transcript, a line at a time.</summary>
/// <param name="path">The file.</param>
internal sealed class TranscriptReader(string path)
{
    /// <summary>Whether the file ends within a line, which was left out.</summary>
    public bool IsTorn { get; private set; }

    /// <summary>The lines with their numbers, from 1; empty ones are left out.</summary>
    /// <exception cref="WardenException">A line is no JSON object.</exception>
    public async IAsyncEnumerable<(int Number, JsonElement Line)> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(path);
        var text = await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false);
        for (var number = 1; text is not null; number++)
        {
            var next = await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false);
            if (!string.IsNullOrWhiteSpace(text))
            {
                using var document = Parse(text, number, isLast: next is null);
                if (document is null)
                {
                    yield break;
                }

                yield return (number, document.RootElement);
            }

            text = next;
        }
    }

    private JsonDocument? Parse(string text, int number, bool isLast)
    {
        try
        {
            var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document
                : throw new WardenException($"{path}:{number}: the line is no JSON object");
        }
        catch (JsonException e)
        {
            IsTorn = isLast;
            return isLast ? null : throw new WardenException($"{path}:{number}: the line is no JSON object", e);
        }
    }
}
