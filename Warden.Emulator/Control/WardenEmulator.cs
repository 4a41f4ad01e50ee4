using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Warden.Emulator.Backend;
using Warden.Emulator.Control;
using Warden.Emulator.Network;
using Warden.Emulator.Programs;
using Warden.Spec.Client;
using Warden.Spec.Server;
using Warden.Spec.Server.Configuration;
using Warden.Spec.Server.Logging;

namespace Warden.Emulator;

/// <summary>
/// A Warden server over a machine in memory. Disposing it ends the server and all containers, and leaves nothing.
/// </summary>
public sealed class WardenEmulator : IAsyncDisposable
{
    private readonly WardenEmulatorOptions _options;
    private readonly WardenConfiguration _configuration;
    private readonly IReadOnlyList<string> _warnings;
    private readonly ILoggerFactory? _ownLoggers;
    private readonly DirectoryInfo? _directory;
    private readonly EmulatedBackend _backend;
    private readonly FaultInjection _faults = new();
    private readonly SemaphoreSlim _restart = new(1);
    private WardenServer? _server;
    private WardenClient? _client;

    private WardenEmulator(WardenEmulatorOptions options)
    {
        _options = options;
        (_configuration, _warnings) = (options.Configuration, options.ConfigurationWarnings);
        if (options.ConfigurationText is { } text)
        {
            var read = ConfigurationReader.Parse(text, "configuration", WardenEmulatorOptions.DefaultConfiguration);
            (_configuration, _warnings) = (read.Configuration, read.Warnings);
        }

        if (options.LoggerFactory is null && (_configuration.Logging.File ?? _configuration.Logging.Syslog) is not null)
        {
            _ownLoggers = WardenLogging.CreateFactory(_configuration.Logging, options.TimeProvider);
        }

        if (options.SocketPath is null)
        {
            _directory = Directory.CreateTempSubdirectory("warden-");
        }

        SocketPath = options.SocketPath ?? Path.Combine(_directory!.FullName, "warden.sock");
        _backend = new EmulatedBackend(options.TimeProvider, options.RootfsPaths);
    }

    /// <summary>The path of the Unix socket on which the server answers.</summary>
    public string SocketPath { get; }

    /// <summary>The TCP address on which the server answers, or null.</summary>
    public IPEndPoint? TcpEndPoint => _server?.TcpEndPoint;

    /// <summary>A client of this emulator, connected at its first call.</summary>
    public WardenClient Client => _client ??= new WardenClient(WardenEndpoint.Unix(SocketPath));

    /// <summary>The programs that scripts can run; programs added here are in every container's /usr/bin.</summary>
    public ProgramTable Programs => _backend.Programs;

    /// <summary>The emulated network: the host, the containers and the outside world.</summary>
    public EmulatedNetwork Network => _backend.Network;

    internal WardenServer? Server => _server;

    /// <summary>Starts an emulator; it answers when the task completes.</summary>
    public static async Task<WardenEmulator> StartAsync(
        WardenEmulatorOptions? options = null, CancellationToken cancellationToken = default)
    {
        var emulator = new WardenEmulator(options ?? new WardenEmulatorOptions());
        try
        {
            await emulator.StartServerAsync(cancellationToken).ConfigureAwait(false);
            return emulator;
        }
        catch
        {
            await emulator.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Makes the next request of a command fail with an error; several calls let several requests fail, in order.</summary>
    /// <param name="command">The command's name, such as "create" or "net_in".</param>
    /// <param name="error">The message of the Error answer.</param>
    /// <exception cref="ArgumentException">There is no such command.</exception>
    public void FailNext(string command, string error) => _faults.FailNext(command, error);

    /// <summary>
    /// Ends the server and starts another over the same machine: containers and jobs go on, as protocol.md §4 (Restart) has it.
    /// </summary>
    /// <param name="crash">End it as kill -9 would: no drain, no snapshot, no answer.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    public async Task RestartServerAsync(bool crash = false, CancellationToken cancellationToken = default)
    {
        await StopServerAsync(crash).ConfigureAwait(false);
        await StartServerAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.DisposeAsync().ConfigureAwait(false);
        }

        // The machine first: with its processes gone no request waits for any of them, whatever the clock is, and the drain is quick.
        await _backend.DisposeAsync().ConfigureAwait(false);
        await StopServerAsync(crash: false).ConfigureAwait(false);
        _ownLoggers?.Dispose();
        _directory?.Delete(recursive: true);
    }

    internal async Task StartServerAsync(CancellationToken cancellationToken)
    {
        await _restart.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _server ??= await WardenServer.StartAsync(MakeServerOptions(), _backend, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _restart.Release();
        }
    }

    internal async Task StopServerAsync(bool crash)
    {
        await _restart.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_server is { } server)
            {
                _server = null;
                await (crash ? server.CrashAsync() : server.DrainAsync()).ConfigureAwait(false);
                await server.DisposeAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _restart.Release();
        }
    }

    private WardenServerOptions MakeServerOptions() => new()
    {
        Configuration = _configuration,
        SocketPath = SocketPath,
        TcpEndPoint = _options.TcpEndPoint,
        FrameLimit = _options.FrameLimit,
        TimeProvider = _options.TimeProvider,
        ConfigurationWarnings = _warnings,
        LoggerFactory = _options.LoggerFactory ?? _ownLoggers ?? NullLoggerFactory.Instance,
        ContainerClass = "Warden::Container::Emulator",
        DecorateEngine = _faults.Decorate,
    };
}
