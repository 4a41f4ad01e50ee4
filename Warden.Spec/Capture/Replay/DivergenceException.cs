namespace Warden.Spec.Capture.Replay;

/// <summary>The server did something else than was recorded.</summary>
/// <param name="expected">What was recorded.</param>
/// <param name="got">What came.</param>
/// <param name="difference">What differs.</param>
internal sealed class DivergenceException(string expected, string got, string difference) : Exception(difference)
{
    /// <summary>What was recorded.</summary>
    public string Expected { get; } = expected;

    /// <summary>What came.</summary>
    public string Got { get; } = got;
}
