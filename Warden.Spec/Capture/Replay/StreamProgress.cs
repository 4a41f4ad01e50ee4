using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Warden.Spec.Protocol;

namespace Warden.Spec.Capture.Replay;

/// <summary>
/// The output that a stream has given and that it should have given. It comes in other pieces than the recorded ones, so that only the
/// bytes of each name are compared.
/// </summary>
/// <param name="names">What was learnt.</param>
internal sealed class StreamProgress(LearntNames names)
{
    private readonly Dictionary<string, Output> _outputs = new(StringComparer.Ordinal);

    /// <summary>Output that was recorded.</summary>
    /// <param name="name">stdout or stderr.</param>
    /// <param name="data">The text.</param>
    public void Expect(string name, JsonElement data)
    {
        var output = Of(name);
        if (TranscriptText.IsAny(data))
        {
            output.IsJudged = false;
            output.Now.Clear();
            output.Wanted.Clear();
            return;
        }

        output.Recorded.AddRange(TranscriptText.Read(data));
        Translate(output, isLast: false);
    }

    /// <summary>Output that came.</summary>
    public void Add(StreamResponse answer)
    {
        if (Of(answer.Name) is { IsJudged: true } output)
        {
            output.Now.AddRange(answer.Data.Span);
        }
    }

    /// <summary>Whether more output must come before what was recorded is there.</summary>
    public bool IsBehind(string name) => Of(name) is { IsJudged: true } output && output.Now.Count < output.Wanted.Count;

    /// <summary>Compares as much as has come; what agrees is dropped.</summary>
    /// <returns>The first difference; null when there is none.</returns>
    public string? Compare(string name)
    {
        var output = Of(name);
        var length = Math.Min(output.Now.Count, output.Wanted.Count);
        if (!CollectionsMarshal.AsSpan(output.Now)[..length].SequenceEqual(CollectionsMarshal.AsSpan(output.Wanted)[..length]))
        {
            return Difference(name, output);
        }

        output.Now.RemoveRange(0, length);
        output.Wanted.RemoveRange(0, length);
        return null;
    }

    /// <summary>Compares all that is left when the stream has ended.</summary>
    public string? CompareEnd()
    {
        foreach (var (name, output) in _outputs)
        {
            Translate(output, isLast: true);
            if (Difference(name, output) is { } difference)
            {
                return difference;
            }
        }

        return null;
    }

    /// <summary>The output that a recorded answer has.</summary>
    public static bool IsOutput(JsonElement response, out string name, out JsonElement data)
    {
        name = response.TryGetProperty("name", out var named) ? Encoding.UTF8.GetString(TranscriptText.Read(named)) : string.Empty;
        return response.TryGetProperty("data", out data) && !response.TryGetProperty("exit_status", out _);
    }

    private static string? Difference(string name, Output output) =>
        output.IsJudged ? TextDifference.Of($"what is left of {name}", output.Wanted.ToArray(), output.Now.ToArray()) : null;

    private void Translate(Output output, bool isLast)
    {
        var text = output.Recorded.ToArray();
        output.Wanted.AddRange(names.Text(text, output.Previous, isLast, out var taken));
        if (taken > 0)
        {
            output.Previous = text[taken - 1];
            output.Recorded.RemoveRange(0, taken);
        }
    }

    private Output Of(string name)
    {
        if (!_outputs.TryGetValue(name, out var output))
        {
            _outputs[name] = output = new Output();
        }

        return output;
    }

    private sealed class Output
    {
        /// <summary>What was recorded and may end within a name.</summary>
        public List<byte> Recorded { get; } = [];

        /// <summary>The byte before it.</summary>
        public byte? Previous { get; set; }

        /// <summary>What must come.</summary>
        public List<byte> Wanted { get; } = [];

        /// <summary>What came.</summary>
        public List<byte> Now { get; } = [];

        public bool IsJudged { get; set; } = true;
    }
}
