using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Warden.Linux.Setup;
using Warden.Spec;
using Warden.Spec.Server;
using Warden.Spec.Server.Configuration;
using Warden.Spec.Server.Hosting;

namespace Warden.Linux.Commands;

/// <summary>
/// <c>warden serve</c>: takes over what the depot holds, answers until SIGUSR2, SIGTERM or SIGINT, and drains. Containers stay.
/// </summary>
/// <param name="host">The machine.</param>
/// <param name="manager">Who is told of the start and the end.</param>
/// <param name="output">Takes the line that says that the server is ready.</param>
internal sealed class ServeCommand(ILinuxHost host, ServiceManager manager, TextWriter output)
{
    /// <summary>Serves.</summary>
    /// <param name="file">The configuration.</param>
    /// <param name="socketPath">The Unix socket's path; null means the configuration's.</param>
    /// <param name="tcp">Where to listen on TCP; null means nowhere.</param>
    /// <param name="cancellationToken">Ends it, as a signal does.</param>
    /// <exception cref="WardenException">Something refuses the start.</exception>
    public async Task<int> RunAsync(ConfigurationFile file, string? socketPath, IPEndPoint? tcp, CancellationToken cancellationToken)
    {
        if (host.FindObstacle(file.Configuration) is { } obstacle)
        {
            throw new WardenException(obstacle);
        }

        using var depot = DepotLock.Take(LinuxDefaults.DepotOf(file.Configuration));
        var backend = host.MakeBackend();
        await using var backendEnd = (backend as IAsyncDisposable ?? NoEnd.Instance).ConfigureAwait(false);
        using var server = Build(backend, new WardenServerOptions
        {
            Configuration = file.Configuration,
            ConfigurationWarnings = file.Warnings,
            SocketPath = socketPath,
            TcpEndPoint = tcp,
            ContainerClass = LinuxDefaults.ContainerClass,
        });
        await server.StartAsync(cancellationToken).ConfigureAwait(false);
        await AnnounceAsync(server).ConfigureAwait(false);
        await server.WaitForShutdownAsync(cancellationToken).ConfigureAwait(false);
        return 0;
    }

    private static IHost Build(Spec.Backend.IBackend backend, WardenServerOptions options)
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.AddWardenServer(options, backend);

        // What refuses the start is told as one sentence, by whoever reads the exception.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        return builder.Build();
    }

    private async Task AnnounceAsync(IHost running)
    {
        var server = await running.Services.GetRequiredService<WardenServerService>().Server.ConfigureAwait(false);
        running.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(manager.TellStopping);
        ReadyLine.Write(output, server.SocketPath, server.TcpEndPoint);
        manager.TellReady($"Serving on {server.SocketPath}");
    }

    private sealed class NoEnd : IAsyncDisposable
    {
        public static NoEnd Instance { get; } = new();

        public ValueTask DisposeAsync() => default;
    }
}
