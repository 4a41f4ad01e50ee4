using System.Globalization;

namespace Warden.Spec.Capture.Replay;

/// <summary>Where two texts differ, in words.</summary>
internal static class TextDifference
{
    // What is shown of a long text: a part of it before the difference, and more behind it.
    private const int Before = 40;
    private const int Behind = 120;

    /// <summary>The first difference; null when there is none.</summary>
    /// <param name="what">What the texts are.</param>
    /// <param name="recorded">What was recorded, with names replaced.</param>
    /// <param name="now">What came.</param>
    public static string? Of(string what, ReadOnlyMemory<byte> recorded, ReadOnlyMemory<byte> now)
    {
        var same = recorded.Span.CommonPrefixLength(now.Span);
        if (same == recorded.Length && same == now.Length)
        {
            return null;
        }

        var start = Math.Max(0, same - Before);
        var where = start == 0 ? string.Empty : string.Create(CultureInfo.InvariantCulture, $" from byte {start} on");
        return $"{what} is {Part(now, start)}{where}, and {Part(recorded, start)} was recorded";
    }

    private static string Part(ReadOnlyMemory<byte> text, int start)
    {
        var rest = text[start..];
        return rest.Length <= Before + Behind
            ? TranscriptFields.ToText(rest)
            : TranscriptFields.ToText(rest[..(Before + Behind)]) + "…";
    }
}
