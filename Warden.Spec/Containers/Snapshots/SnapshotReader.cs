using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace Warden.Spec.Containers.Snapshots;

/// <summary>Reads a snapshot and checks that all of it makes sense, so that recovery meets no surprise half-way.</summary>
internal static class SnapshotReader
{
    /// <summary>Reads a snapshot.</summary>
    /// <param name="containerId">The directory that it was found in.</param>
    /// <param name="content">The file's content; null when there was none.</param>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="reason">Why there is none that is valid.</param>
    /// <exception cref="WardenException">A newer server wrote it; this one would lose what it does not know.</exception>
    public static bool TryRead(
        string containerId, byte[]? content, [NotNullWhen(true)] out ContainerSnapshot? snapshot, [NotNullWhen(false)] out string? reason)
    {
        snapshot = null;
        reason = null;
        if (content is null)
        {
            reason = "it has no snapshot";
            return false;
        }

        try
        {
            var version = JsonSerializer.Deserialize(content, SnapshotJson.Default.SnapshotVersion)?.Version;
            if (version > ContainerSnapshot.CurrentVersion)
            {
                throw new WardenException(
                    $"The snapshot of container {containerId} has version {version}; this server knows versions up to "
                    + $"{ContainerSnapshot.CurrentVersion}. Start the server that wrote it, or remove its directory from the depot.");
            }

            snapshot = JsonSerializer.Deserialize(content, SnapshotJson.Default.ContainerSnapshot);
            reason = snapshot is null ? "its snapshot is damaged" : Fault(containerId, snapshot);
        }
        catch (Exception exception) when (exception is not WardenException)
        {
            // Whatever is wrong with one snapshot never prevents the start.
            reason = $"its snapshot is damaged: {exception.Message}";
        }

        return reason is null;
    }

    private static string? Fault(string containerId, ContainerSnapshot snapshot)
    {
        var resources = snapshot.Resources;
        if (resources.ContainerId != containerId)
        {
            return "its snapshot is another container's";
        }

        if (snapshot.Version < 1 || ContainerStates.Recoverable(snapshot.State) is null)
        {
            return $"its state is '{snapshot.State}'";
        }

        if (!AddressRanges.TryParseAddress(resources.Network, out var network) || (network & 3) != 0)
        {
            return "its network is none";
        }

        if (snapshot.GraceTime is { } seconds && !(seconds is >= 0 and <= uint.MaxValue))
        {
            return "its grace time is none";
        }

        if (snapshot.Jobs.Keys.Any(key => !uint.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            || snapshot.Jobs.Values.Any(job => job is null))
        {
            return "a job of it has no id";
        }

        if (resources.NetIn.Any(pair => pair is not [>= 1 and <= 65535, >= 1 and <= 65535]))
        {
            return "a forwarded port of it is none";
        }

        try
        {
            foreach (var rule in resources.NetOut)
            {
                SnapshotRules.Read(rule);
            }
        }
        catch (Exception exception) when (exception is FormatException or OverflowException or NullReferenceException)
        {
            return "a network rule of it is none";
        }

        return null;
    }
}
