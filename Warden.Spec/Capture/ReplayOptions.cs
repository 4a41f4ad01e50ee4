using Warden.Spec.Client;

namespace Warden.Spec.Capture;

/// <summary>What is played, against whom, and how.</summary>
public sealed record ReplayOptions
{
    /// <summary>The transcript's path.</summary>
    public required string TranscriptPath { get; init; }

    /// <summary>The server.</summary>
    public required WardenEndpoint Server { get; init; }

    /// <summary>
    /// Whether the client's side waits as long between what came before and what it does next as was recorded. Without it only the order
    /// is kept.
    /// </summary>
    public bool KeepTimings { get; init; }

    /// <summary>How much longer than recorded an answer may take before its absence is a divergence.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The clock of waits and deadlines.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
