namespace Warden.Spec.Capture;

/// <summary>How a replay ended.</summary>
/// <param name="Requests">How many requests were sent.</param>
/// <param name="Divergence">Where the server first did something else than was recorded; null when it never did.</param>
/// <param name="IsTorn">Whether the transcript ends within a line, as that of a capture that was killed may; that line was not played.</param>
public sealed record ReplayResult(int Requests, Divergence? Divergence, bool IsTorn);
