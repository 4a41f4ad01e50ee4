using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Warden.Spec.Backend;
using Warden.Spec.Containers;
using Warden.Spec.Server.Connections;

namespace Warden.Spec.Server;

/// <summary>
/// A server of the protocol: an engine over a backend, reachable on a Unix socket and, where asked, on TCP, with a health check and a
/// pidfile (protocol.md §6). What it made outlives it; another one over the same backend takes over.
/// </summary>
public sealed class WardenServer : IAsyncDisposable
{
    private static readonly TimeSpan LongestDeath = TimeSpan.FromSeconds(5);

    private readonly WardenEngine _engine;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly List<Socket> _listeners = [];
    private readonly List<Task> _accepting = [];
    private ConnectionDispatcher? _dispatcher;
    private HealthCheckServer? _healthCheck;
    private PidFile? _pidFile;
    private Task? _ending;

    private WardenServer(WardenServerOptions options, IBackend backend)
    {
        _logger = options.LoggerFactory.CreateLogger("Warden.Server");
        _engine = new WardenEngine(options.Configuration, backend, options.TimeProvider, options.LoggerFactory);
        SocketPath = options.SocketPath ?? options.Configuration.Server.SocketPath;
    }

    /// <summary>The path of the Unix socket.</summary>
    public string SocketPath { get; }

    /// <summary>Where the server listens on TCP; null when it does not.</summary>
    public IPEndPoint? TcpEndPoint { get; private set; }

    /// <summary>Where the health check answers; null when it is off.</summary>
    public IPEndPoint? HealthCheckEndPoint => _healthCheck?.EndPoint;

    /// <summary>Completes when the server has ended: drained or crashed.</summary>
    public Task Completion => _completion.Task;

    /// <summary>The open connections.</summary>
    internal int ConnectionCount => _dispatcher?.Count ?? 0;

    /// <summary>
    /// Starts a server. When this completes it has taken over what earlier servers left, and accepts connections.
    /// </summary>
    /// <param name="options">What it is started with.</param>
    /// <param name="backend">What makes containers.</param>
    /// <param name="cancellationToken">Gives the start up.</param>
    /// <exception cref="WardenException">The configuration, the host, or another server refuses the start.</exception>
    public static async Task<WardenServer> StartAsync(
        WardenServerOptions options, IBackend backend, CancellationToken cancellationToken = default)
    {
        var server = new WardenServer(options, backend);
        try
        {
            await server.OpenAsync(options, cancellationToken).ConfigureAwait(false);
            return server;
        }
        catch
        {
            await server.CloseListenersAsync().ConfigureAwait(false);
            await server._engine.DisposeAsync().ConfigureAwait(false);
            server._pidFile?.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Ends the server as SIGUSR2 does (protocol.md §6, Drain): accepts no connection any more, closes the idle ones and those that wait
    /// for a job, lets every other request finish, writes the snapshots. Containers and jobs stay. Calling it again waits for the same end.
    /// </summary>
    public Task DrainAsync() => EndOnce(DrainCoreAsync);

    /// <summary>
    /// Ends the server as a kill does: connections are closed without an answer, nothing is written any more, and the pidfile stays.
    /// </summary>
    public Task CrashAsync() => EndOnce(CrashCoreAsync);

    /// <summary>Drains the server, unless it has ended.</summary>
    public async ValueTask DisposeAsync() => await DrainAsync().ConfigureAwait(false);

    private async Task OpenAsync(WardenServerOptions options, CancellationToken cancellationToken)
    {
        var configuration = options.Configuration;
        foreach (var warning in options.ConfigurationWarnings)
        {
            LifetimeLog.ConfigurationWarning(_logger, warning);
        }

        if (options.ContainerClass is { } own && configuration.Server.ContainerClass is { } asked && asked != own)
        {
            LifetimeLog.OtherContainerClass(_logger, asked, own);
        }

        if (configuration.Server.PidFile is { } pidFile)
        {
            _pidFile = PidFile.Acquire(pidFile);
        }

        // Before the depot is touched: its containers may be a living server's.
        UnixListener.CheckFree(SocketPath);
        await _engine.StartAsync(cancellationToken).ConfigureAwait(false);
        var engine = options.DecorateEngine?.Invoke(_engine) ?? _engine;
        _dispatcher = new ConnectionDispatcher(engine, options.FrameLimit, TimeProvider.System, _logger);
        if (configuration.HealthCheck.Port is { } port)
        {
            _healthCheck = new HealthCheckServer(port, TimeProvider.System);
        }

        if (options.TcpEndPoint is { } endPoint)
        {
            var listener = TcpListening.Listen(endPoint);
            _listeners.Add(listener);
            TcpEndPoint = (IPEndPoint)listener.LocalEndPoint!;
        }

        _listeners.Add(UnixListener.Listen(SocketPath, configuration.Server.SocketMode));
        foreach (var listener in _listeners)
        {
            _accepting.Add(_dispatcher.AcceptAsync(listener));
        }

        LifetimeLog.Started(_logger, TcpEndPoint is null ? SocketPath : $"{SocketPath} and {TcpEndPoint}");
    }

    private Task EndOnce(Func<Task> end)
    {
        TaskCompletionSource start;
        lock (_lock)
        {
            if (_ending is not null)
            {
                return _ending;
            }

            start = new TaskCompletionSource();
            _ending = EndAsync(start.Task, end);
        }

        start.SetResult();
        return _ending;
    }

    private async Task EndAsync(Task start, Func<Task> end)
    {
        await start.ConfigureAwait(false);
        try
        {
            await end().ConfigureAwait(false);
            _completion.SetResult();
        }
        catch (Exception e)
        {
            _completion.SetException(e);
            throw;
        }
    }

    private async Task DrainCoreAsync()
    {
        LifetimeLog.Draining(_logger);
        _engine.BeginDrain();
        try
        {
            _dispatcher!.Close();
            await CloseListenersAsync().ConfigureAwait(false);
            await _dispatcher.DrainAsync().ConfigureAwait(false);
            await _engine.DrainAsync().ConfigureAwait(false);
        }
        finally
        {
            await _engine.DisposeAsync().ConfigureAwait(false);
            _pidFile?.Dispose();
        }

        LifetimeLog.Drained(_logger);
    }

    private async Task CrashCoreAsync()
    {
        // In this order nothing that the engine's end causes reaches a client or the depot.
        _dispatcher!.Mute();
        _engine.Crash();
        _dispatcher.Crash();
        await CloseListenersAsync().ConfigureAwait(false);

        // A request that cannot be cut short is left to itself: what it still does, it does to a server that is gone.
        await Task.WhenAny(_dispatcher.DrainAsync(), Task.Delay(LongestDeath)).ConfigureAwait(false);
        await _engine.DisposeAsync().ConfigureAwait(false);
        _pidFile?.Abandon();
    }

    private async Task CloseListenersAsync()
    {
        foreach (var listener in _listeners)
        {
            listener.Dispose();
        }

        await Task.WhenAll(_accepting).ConfigureAwait(false);
        if (_healthCheck is not null)
        {
            await _healthCheck.DisposeAsync().ConfigureAwait(false);
        }
    }
}
