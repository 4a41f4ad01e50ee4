namespace Warden.Linux.Doctor;

/// <summary>What this host has of what containers need.</summary>
/// <param name="Features">The features, in the order in which a lack of theirs would be met.</param>
internal sealed record HostReport(IReadOnlyList<Feature> Features)
{
    /// <summary>Whether a server can be started.</summary>
    public bool CanServe => Obstacle is null;

    /// <summary>The first thing that keeps a server from starting, with its mend, in one sentence; null when nothing does.</summary>
    public string? Obstacle =>
        Features.FirstOrDefault(feature => feature.IsObstacle) is { } feature ? $"{feature.Name}: {feature.Text}; {feature.Mend}" : null;
}
