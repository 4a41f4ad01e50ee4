namespace Warden.Spec.Client;

/// <summary>How a <see cref="WardenClient"/> behaves.</summary>
public sealed record WardenClientOptions
{
    /// <summary>
    /// Whether a call made after the connection was lost opens a new one. The call that was lost is never repeated: the server may have
    /// carried it out. Without it every later call fails with <see cref="WardenConnectionException"/>. True unless set.
    /// </summary>
    public bool AutoReconnect { get; init; } = true;

    /// <summary>
    /// Whether each stream gets a connection of its own for as long as it is enumerated. A server answers a connection's requests in
    /// order, so on a shared connection every later call waits until the job has ended, also when the enumeration was left early.
    /// True unless set.
    /// </summary>
    public bool DedicatedStreams { get; init; } = true;

    /// <summary>
    /// How many bytes of a stream's output are held for a consumer that is slower than the server. When they are reached the client
    /// stops reading from the socket. 1 MiB unless set.
    /// </summary>
    public int StreamBufferSize { get; init; } = 1024 * 1024;

    /// <summary>How long a connection may take to open. Ten seconds unless set.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The clock of <see cref="ConnectTimeout"/>.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
