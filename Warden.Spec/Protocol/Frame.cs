using System.Buffers;

namespace Warden.Spec.Protocol;

/// <summary>
/// What one frame carried: the type and the encoded request or response, which stays in the pipe's own memory. It is valid until the
/// reader that gave it is asked to wait or to release.
/// </summary>
/// <param name="type">The number on the wire, known or not.</param>
/// <param name="payload">The encoded request or response.</param>
internal readonly struct Frame(int type, ReadOnlySequence<byte> payload)
{
    /// <summary>The number on the wire, known or not.</summary>
    public int Type { get; } = type;

    /// <summary>The encoded request or response.</summary>
    public ReadOnlySequence<byte> Payload { get; } = payload;
}
