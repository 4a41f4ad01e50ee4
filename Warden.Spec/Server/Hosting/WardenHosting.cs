using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Warden.Spec.Backend;
using Warden.Spec.Server.Logging;

namespace Warden.Spec.Server.Hosting;

/// <summary>Adds a server to a host.</summary>
public static class WardenHosting
{
    /// <summary>
    /// Adds a server over a backend, and the logging that its configuration says. The host waits for a drain as long as it takes.
    /// <see cref="WardenServerService"/> can be asked for as a service.
    /// </summary>
    /// <param name="builder">The host's builder, such as <see cref="Host.CreateEmptyApplicationBuilder"/> gives.</param>
    /// <param name="options">What the server is started with.</param>
    /// <param name="backend">What makes containers.</param>
    public static IHostApplicationBuilder AddWardenServer(this IHostApplicationBuilder builder, WardenServerOptions options, IBackend backend)
    {
        builder.Logging.AddWarden(options.Configuration.Logging);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(backend);
        builder.Services.AddSingleton(services => new WardenServerService(
            options, backend, services.GetRequiredService<IHostApplicationLifetime>(),
            services.GetRequiredService<ILoggerFactory>()));
        builder.Services.AddHostedService(services => services.GetRequiredService<WardenServerService>());
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        builder.Services.Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true);
        return builder;
    }
}
