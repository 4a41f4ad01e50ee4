using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Warden.Spec.Backend;

namespace Warden.Spec.Server.Hosting;

/// <summary>
/// A server as a hosted service: it starts with the host, drains when the host stops, and stops the host when it ends by itself. On
/// SIGUSR2 the host stops, as it does of its own on SIGTERM and SIGINT (protocol.md §6, Drain).
/// </summary>
public sealed class WardenServerService : IHostedService, IAsyncDisposable
{
    private readonly WardenServerOptions _options;
    private readonly IBackend _backend;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly TaskCompletionSource<WardenServer> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DrainSignal? _signal;

    /// <summary>Creates the service.</summary>
    /// <param name="options">What the server is started with; where it has no logger factory of its own it gets the host's.</param>
    /// <param name="backend">What makes containers.</param>
    /// <param name="lifetime">The host's life.</param>
    /// <param name="loggerFactory">The host's logging.</param>
    public WardenServerService(
        WardenServerOptions options, IBackend backend, IHostApplicationLifetime lifetime, ILoggerFactory loggerFactory)
    {
        if (options.LoggerFactory is NullLoggerFactory)
        {
            options.LoggerFactory = loggerFactory;
        }

        _options = options;
        _backend = backend;
        _lifetime = lifetime;
    }

    /// <summary>The server, once it has started.</summary>
    public Task<WardenServer> Server => _started.Task;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _signal = DrainSignal.Register(_lifetime.StopApplication);
        try
        {
            var server = await WardenServer.StartAsync(_options, _backend, cancellationToken).ConfigureAwait(false);
            _ = server.Completion.ContinueWith(
                _ => _lifetime.StopApplication(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            _started.SetResult(server);
        }
        catch (Exception e)
        {
            _started.SetException(e);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_started.Task.IsCompletedSuccessfully)
        {
            var server = await _started.Task.ConfigureAwait(false);
            await server.DrainAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _signal?.Dispose();
        await StopAsync(CancellationToken.None).ConfigureAwait(false);
    }
}
