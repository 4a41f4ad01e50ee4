using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Warden.Spec.Commands;
using Warden.Spec.Protocol;
using Warden.Spec.Server.Configuration;

namespace Warden.Spec.Server;

/// <summary>What a server is started with.</summary>
public sealed class WardenServerOptions
{
    /// <summary>The frame limit of a server that is given no other: 64 MiB.</summary>
    public const long DefaultFrameLimit = FrameReader.DefaultLimit;

    /// <summary>The keys of the YAML file (protocol.md §6); by default their defaults.</summary>
    public WardenConfiguration Configuration { get; set; } = new();

    /// <summary>What the reading of the configuration warned about; logged at the start.</summary>
    public IReadOnlyList<string> ConfigurationWarnings { get; set; } = [];

    /// <summary>The path of the Unix socket; null means the configuration's.</summary>
    public string? SocketPath { get; set; }

    /// <summary>A TCP end point to listen on too; port 0 lets the system choose. Null means none.</summary>
    public IPEndPoint? TcpEndPoint { get; set; }

    /// <summary>The longest payload of a request in bytes; 64 MiB by default.</summary>
    public long FrameLimit { get; set; } = DefaultFrameLimit;

    /// <summary>The clock of containers and jobs. Sockets live by the system's, as their clients do.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Takes the logs; by default nothing does.</summary>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;

    /// <summary>
    /// The kind of containers this executable makes, such as <c>Warden::Container::Linux</c>: a configuration that asks for another one is
    /// warned about. Null means that any will do.
    /// </summary>
    public string? ContainerClass { get; set; }

    /// <summary>Wraps the engine, so that requests can be watched or made to fail; null means not.</summary>
    public Func<ICommandEngine, ICommandEngine>? DecorateEngine { get; set; }
}
