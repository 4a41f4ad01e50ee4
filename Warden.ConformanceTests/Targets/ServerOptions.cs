namespace Warden.ConformanceTests.Targets;

/// <summary>How a test wants its server.</summary>
/// <param name="Configuration">The text of the YAML file; empty means none, so that every default holds.</param>
public sealed record ServerOptions(string Configuration)
{
    /// <summary>Pools for hundreds of containers at once.</summary>
    public const string WidePools = """
        network: { pool_network: 10.128.0.0/16, release_delay: 0 }
        user: { pool_start_uid: 10000, pool_size: 16000 }
        """;

    /// <summary>Whether the server listens on a free TCP port of 127.0.0.1 as well.</summary>
    public bool Tcp { get; init; }
}
