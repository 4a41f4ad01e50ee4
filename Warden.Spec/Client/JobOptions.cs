using Warden.Spec.Protocol;

namespace Warden.Spec.Client;

/// <summary>How a job runs (protocol.md §4).</summary>
public sealed record JobOptions
{
    /// <summary>As root instead of the container's unprivileged user.</summary>
    public bool Privileged { get; init; }

    /// <summary>Drop what the job prints.</summary>
    public bool DiscardOutput { get; init; }

    /// <summary>Send every line to syslog under this tag as well; null means not to.</summary>
    public string? LogTag { get; init; }

    /// <summary>Overlays the server's limits; null means those.</summary>
    public ResourceLimits? Limits { get; init; }
}
