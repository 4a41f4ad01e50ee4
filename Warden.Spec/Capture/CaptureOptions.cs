using Warden.Spec.Client;

namespace Warden.Spec.Capture;

/// <summary>What a <see cref="CaptureProxy"/> stands between, and where its transcript goes.</summary>
public sealed record CaptureOptions
{
    /// <summary>The server.</summary>
    public required WardenEndpoint Server { get; init; }

    /// <summary>Where clients connect instead: a Unix socket, which gets the mode of the server's, or an address and a TCP port.</summary>
    public required WardenEndpoint Listen { get; init; }

    /// <summary>The transcript's path. An existing file is replaced; only its owner may read it, as scripts may hold secrets.</summary>
    public required string TranscriptPath { get; init; }

    /// <summary>The clock of the transcript's times.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
