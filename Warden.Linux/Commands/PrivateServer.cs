using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Warden.Linux.Setup;
using Warden.Spec.Backend;
using Warden.Spec.Client;
using Warden.Spec.Server;
using Warden.Spec.Server.Configuration;
using Warden.Spec.Server.Logging;

namespace Warden.Linux.Commands;

/// <summary>
/// A server for one command, which meets no other server of this host: a socket, a depot, a network and a user of its own. Disposing it
/// removes all of it, the containers first.
/// </summary>
internal sealed class PrivateServer : IAsyncDisposable
{
    private readonly ILinuxHost _host;
    private readonly PrivateDirectory _directory;
    private readonly WardenConfiguration _configuration;
    private readonly ILoggerFactory _loggers;
    private readonly IBackend _backend;
    private readonly bool _hostForwards;
    private WardenServer? _server;
    private WardenClient? _client;

    private PrivateServer(ILinuxHost host, ConfigurationFile file)
    {
        _host = host;
        _loggers = WardenLogging.CreateFactory(MakeLogging(file));
        _backend = host.MakeBackend();
        _hostForwards = host.ForwardsPackets;
        var pool = FreePool.Pick([.. HostRoutes.Read(), file.Configuration.Network.Pool], Random.Shared);
        var user = PickUser(file.Configuration.User, _backend.Host.UserIds);
        _directory = PrivateDirectory.Create(file.Configuration, pool);
        _configuration = Configure(file, _directory, pool, user);
    }

    /// <summary>A client of the server.</summary>
    public WardenClient Client => _client ??= MakeClient();

    /// <summary>Starts a server.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="file">What holds for what is not the server's own.</param>
    /// <param name="cancellationToken">Gives the start up.</param>
    public static async Task<PrivateServer> StartAsync(ILinuxHost host, ConfigurationFile file, CancellationToken cancellationToken)
    {
        var made = new PrivateServer(host, file);
        try
        {
            var options = new WardenServerOptions
            {
                Configuration = made._configuration,
                ConfigurationWarnings = file.Warnings,
                ContainerClass = LinuxDefaults.ContainerClass,
                LoggerFactory = made._loggers,
            };
            made._server = await WardenServer.StartAsync(options, made._backend, cancellationToken).ConfigureAwait(false);
            return made;
        }
        catch
        {
            await made.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_server is not null)
            {
                await EndAsync(_server).ConfigureAwait(false);
            }

            if (_backend is IAsyncDisposable backend)
            {
                await backend.DisposeAsync().ConfigureAwait(false);
            }

            await _host.RemoveTracesAsync(_configuration.ToBackendSettings(), CancellationToken.None).ConfigureAwait(false);
            if (!_hostForwards)
            {
                _host.StopForwarding();
            }

            _directory.Remove();
        }
        finally
        {
            _directory.Dispose();
            _loggers.Dispose();
        }
    }

    private async Task EndAsync(WardenServer server)
    {
        if (_client is not null)
        {
            await _client.DisposeAsync().ConfigureAwait(false);
        }

        // On a connection of its own: another one may wait for a script that goes on.
        await using (var client = MakeClient())
        {
            foreach (var handle in await client.ListAsync(CancellationToken.None).ConfigureAwait(false))
            {
                await client.StopAsync(handle, kill: true, cancellationToken: CancellationToken.None).ConfigureAwait(false);
                await client.DestroyAsync(handle, CancellationToken.None).ConfigureAwait(false);
            }
        }

        await server.DrainAsync().ConfigureAwait(false);

        // What was being made when its maker was interrupted.
        await DepotContent.RemoveContainersAsync(_backend, CancellationToken.None).ConfigureAwait(false);
    }

    private WardenClient MakeClient() => new(WardenEndpoint.Unix(_configuration.Server.SocketPath));

    private static LoggingSection MakeLogging(ConfigurationFile file) =>
        file.Keys.Contains("logging.level") ? file.Configuration.Logging : file.Configuration.Logging with { Level = "error" };

    private static WardenConfiguration Configure(ConfigurationFile file, PrivateDirectory directory, IPNetwork pool, uint user)
    {
        var given = file.Configuration;
        return given with
        {
            Server = given.Server with
            {
                SocketPath = directory.SocketPath,
                SocketMode = 0x180,
                RootfsPath = LinuxDefaults.RootfsOf(given),
                DepotPath = directory.DepotPath,
                GraceTime = null,
                PidFile = null,
                DiskQuotaEnabled = false,
            },
            HealthCheck = new() { Port = null },
            Network = given.Network with { Pool = pool },
            User = new() { StartUid = user, Size = 1 },
        };
    }

    /// <summary>A user id that is no user's of the host and none of the configured pool's.</summary>
    private static uint PickUser(UserSection pool, IReadOnlyCollection<uint> users)
    {
        const int First = 10000;
        const int Last = 60000;
        while (true)
        {
            var uid = (uint)RandomNumberGenerator.GetInt32(First, Last);
            if ((uid < pool.StartUid || uid - pool.StartUid >= pool.Size) && !users.Contains(uid))
            {
                return uid;
            }
        }
    }
}
