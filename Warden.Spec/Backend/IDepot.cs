namespace Warden.Spec.Backend;

/// <summary>
/// The directory that holds one directory a container, named by its id, and the server's own counters.
/// Writes replace the old content atomically.
/// </summary>
public interface IDepot
{
    /// <summary>The names of all entries in the depot, whether they are containers' or not.</summary>
    IReadOnlyList<string> Entries();

    /// <summary>Whether the entry carries the marker that a Warden server puts into every container's directory.</summary>
    bool HasMarker(string containerId);

    /// <summary>The content of the container's snapshot.json, or null when it has none.</summary>
    byte[]? ReadSnapshot(string containerId);

    /// <summary>Replaces the container's snapshot.json.</summary>
    void WriteSnapshot(string containerId, ReadOnlyMemory<byte> content);

    /// <summary>The value of a counter kept in the depot (the last job id), 0 when it was never written.</summary>
    ulong ReadCounter(string name);

    /// <summary>Replaces the value of a counter.</summary>
    void WriteCounter(string name, ulong value);
}
