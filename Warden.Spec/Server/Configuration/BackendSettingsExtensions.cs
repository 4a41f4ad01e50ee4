using Warden.Spec.Backend;

namespace Warden.Spec.Server.Configuration;

/// <summary>Gives a backend its part of the configuration.</summary>
public static class BackendSettingsExtensions
{
    /// <summary>The depot where none is configured.</summary>
    public const string DefaultDepotPath = "/tmp/warden/containers";

    /// <summary>The part of the configuration that a backend acts on.</summary>
    public static BackendSettings ToBackendSettings(this WardenConfiguration configuration) => new()
    {
        DepotPath = configuration.Server.DepotPath ?? DefaultDepotPath,
        RootfsPath = configuration.Server.RootfsPath,
        Pool = configuration.Network.Pool,
        Mtu = configuration.Network.Mtu,
        AllowNetworks = configuration.Network.AllowNetworks,
        DenyNetworks = configuration.Network.DenyNetworks,
        AllowHostAccess = configuration.Network.AllowHostAccess,
        DnsServers = configuration.Network.DnsServers,
        DiskQuotaEnabled = configuration.Server.DiskQuotaEnabled,
        AllowNestedWarden = configuration.Server.AllowNestedWarden,
        SyslogSocket = configuration.Server.SyslogSocket,
    };
}
