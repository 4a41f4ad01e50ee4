using Warden.Spec.Backend;

namespace Warden.Emulator.Backend;

/// <summary>The emulated host: a Debian with its own users and the usual ephemeral ports.</summary>
internal sealed class EmulatedHostFacts : IHostFacts
{
    /// <inheritdoc/>
    public IReadOnlyCollection<uint> UserIds { get; } =
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 33, 34, 38, 39, 41, 100, 1000, 65534];

    /// <inheritdoc/>
    public int FirstFreePort => 61001;
}
