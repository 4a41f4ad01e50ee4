using Warden.Spec.Backend;

namespace Warden.Spec.Server.Configuration;

/// <summary>Gives a backend its part of the configuration.</summary>
public static class BackendSettingsExtensions
{
    /// <summary>The part of the configuration that a backend acts on.</summary>
    public static BackendSettings ToBackendSettings(this WardenConfiguration configuration) => new()
    {
        DepotPath = configuration.Server.DepotPath ?? Path.Combine(Path.GetTempPath(), "warden", "containers"),
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
        HooksPath = configuration.Server.HooksPath,
        NoNewPrivileges = configuration.Server.NoNewPrivileges,
        AllowI386Sockets = configuration.Server.AllowI386Sockets,
        SharedMemoryLimit = configuration.Server.SharedMemoryLimit,
        ProcessLimit = configuration.Server.ProcessLimit,
    };
}
