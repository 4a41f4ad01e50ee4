using System.Collections.Concurrent;
using Warden.Spec.Backend;

namespace Warden.Emulator.Backend;

/// <summary>The depot of the emulated host. It lives as long as the emulated machine, so that servers can recover from it.</summary>
internal sealed class MemoryDepot : IDepot
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ulong> _counters = new(StringComparer.Ordinal);

    /// <summary>Makes a container's directory with its marker.</summary>
    public void Add(string containerId) => _entries.TryAdd(containerId, new Entry());

    /// <summary>Removes a container's directory.</summary>
    public void Remove(string containerId) => _entries.TryRemove(containerId, out _);

    /// <inheritdoc/>
    public IReadOnlyList<string> Entries() => [.. _entries.Keys];

    /// <inheritdoc/>
    public bool HasMarker(string containerId) => _entries.ContainsKey(containerId);

    /// <inheritdoc/>
    public byte[]? ReadSnapshot(string containerId) => _entries.GetValueOrDefault(containerId)?.Snapshot;

    /// <inheritdoc/>
    public void WriteSnapshot(string containerId, ReadOnlyMemory<byte> content)
    {
        // A directory that a concurrent destroy removed is not made again.
        if (_entries.TryGetValue(containerId, out var entry))
        {
            entry.Snapshot = content.ToArray();
        }
    }

    /// <inheritdoc/>
    public ulong ReadCounter(string name) => _counters.GetValueOrDefault(name);

    /// <inheritdoc/>
    public void WriteCounter(string name, ulong value) => _counters[name] = value;

    private sealed class Entry
    {
        public volatile byte[]? Snapshot;
    }
}
