using System.Net;
using Microsoft.Extensions.Logging;
using Warden.Spec.Server.Configuration;

namespace Warden.Emulator;

/// <summary>How an emulator is started.</summary>
public sealed class WardenEmulatorOptions
{
    /// <summary>
    /// The configuration. The default suits tests that make many containers quickly, and many emulators at once: networks of 10.128.0.0/10,
    /// which do not rest, 10000 uids, no health check, and a socket of its own.
    /// </summary>
    public WardenConfiguration Configuration { get; set; } = UnconfiguredConfiguration;

    /// <summary>The text of a YAML configuration (protocol.md §6), which is used instead of <see cref="Configuration"/>.</summary>
    public string? ConfigurationText { get; set; }

    /// <summary>The Unix socket's path; null for a fresh one in the directory of temporary files.</summary>
    public string? SocketPath { get; set; }

    /// <summary>A TCP address to listen on as well; port 0 picks one; null for none.</summary>
    public IPEndPoint? TcpEndPoint { get; set; }

    /// <summary>The largest request in bytes.</summary>
    public long FrameLimit { get; set; } = 64 * 1024 * 1024;

    /// <summary>The clock that drives grace times, stops, sleeps and the time that scripts see.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Where the server logs; null for the configuration's file and syslog, or nowhere if it names neither.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Root filesystems that Create may ask for besides the configured one; each is the built-in one under another path.</summary>
    public IList<string> RootfsPaths { get; } = [];

    /// <summary>What holds for the keys that a configuration file does not set.</summary>
    public static WardenConfiguration DefaultConfiguration { get; } = new()
    {
        HealthCheck = new() { Port = null },
        Server = new() { RootfsPath = DefaultRootfsPath, DepotPath = DefaultDepotPath },
    };

    /// <summary>The configuration of an emulator without a configuration file (protocol.md §6).</summary>
    public static WardenConfiguration UnconfiguredConfiguration { get; } = DefaultConfiguration with
    {
        Network = new() { Pool = IPNetwork.Parse("10.128.0.0/10"), ReleaseDelay = TimeSpan.Zero },
        User = new() { Size = 10000 },
    };

    /// <summary>What the reading of <see cref="Configuration"/> warned about.</summary>
    internal IReadOnlyList<string> ConfigurationWarnings { get; set; } = [];

    internal const string DefaultRootfsPath = "/tmp/warden/rootfs";

    internal const string DefaultDepotPath = "/tmp/warden/containers";
}
