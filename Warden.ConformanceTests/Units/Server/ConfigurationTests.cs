using System.Net;
using Warden.Spec.Backend;
using Warden.Spec.Server.Configuration;
using Xunit;

namespace Warden.ConformanceTests.Units.Server;

public sealed class ConfigurationTests
{
    [Fact]
    public void An_empty_file_means_every_default()
    {
        foreach (var text in new[] { "", "---\n", "# nothing\n", "server:\nnetwork: ~\n" })
        {
            var file = ConfigurationReader.Parse(text, "f.yml");
            Assert.Empty(file.Warnings);
            Assert.Equal("/tmp/warden.sock", file.Configuration.Server.SocketPath);
            Assert.Equal(Convert.ToInt32("755", 8), file.Configuration.Server.SocketMode);
            Assert.Equal(TimeSpan.FromSeconds(300), file.Configuration.Server.GraceTime);
            Assert.Equal(IPNetwork.Parse("10.254.0.0/24"), file.Configuration.Network.Pool);
            Assert.Equal(2345, file.Configuration.HealthCheck.Port);
            Assert.Equal((null, true), (file.Configuration.Server.HooksPath, file.Configuration.Server.NoNewPrivileges));
            Assert.Equal(4096, file.Configuration.Server.ProcessLimit);
        }
    }

    [Fact]
    public void The_file_of_2012_loads()
    {
        var file = ConfigurationReader.Load(Path.Combine(AppContext.BaseDirectory, "Vectors", "linux-2012.yml"));
        Assert.Empty(file.Warnings);
        var server = file.Configuration.Server;
        Assert.Equal("Warden::Container::Linux", server.ContainerClass);
        Assert.Equal(0x1FF, server.SocketMode);
        Assert.Equal(TimeSpan.FromSeconds(300), server.GraceTime);
        Assert.Equal("/tmp/warden/rootfs", server.RootfsPath);
        Assert.Equal("/tmp/warden/containers", server.DepotPath);
        Assert.Equal(8192u, server.ResourceLimits[ResourceLimit.Nofile]);
        Assert.Equal(512u, server.ResourceLimits[ResourceLimit.Nproc]);
        Assert.Equal(4294967296u, server.ResourceLimits[ResourceLimit.As]);
        Assert.Equal("debug2", file.Configuration.Logging.Level);
        Assert.Equal(IPNetwork.Parse("10.254.0.0/22"), file.Configuration.Network.Pool);
        Assert.Equal(10000u, file.Configuration.User.StartUid);
        Assert.Equal(256, file.Configuration.User.Size);
        Assert.Equal("/tmp/warden/containers", file.Configuration.ToBackendSettings().DepotPath);
    }

    [Fact]
    public void The_file_of_2016_loads()
    {
        var file = ConfigurationReader.Load(Path.Combine(AppContext.BaseDirectory, "Vectors", "linux-2016.yml"));
        Assert.Empty(file.Warnings);
        Assert.Equal(4294967296u, file.Configuration.Server.ResourceLimits[ResourceLimit.As]);
        Assert.True(file.Configuration.Server.DiskQuotaEnabled);
        Assert.False(file.Configuration.Server.AllowNestedWarden);
        Assert.Equal(10485760, file.Configuration.Server.JobOutputLimit);
        Assert.Equal(1500, file.Configuration.Network.Mtu);
        Assert.Contains("health_check_server.port", file.Keys);
    }

    [Fact]
    public void Every_key_is_read()
    {
        const string Text = """
            server:
              container_klass: Warden::Container::Linux
              unix_domain_path: /run/w.sock
              unix_domain_permissions: 0640
              container_rootfs_path: /r
              container_depot_path: "/d e"
              container_grace_time: ~
              job_output_limit: -1
              container_limits_conf: {cpu: 2, core: unlimited, stack: 8, nproc: 5, maxlogins: 3}
              container_rlimits:
                nproc: 7
                rss: 18446744073709551615
              quota: {disk_quota_enabled: no}
              allow_nested_warden: yes
              pidfile: /run/w.pid
              syslog_socket: /run/log
              hooks: /etc/warden/hooks
              no_new_privileges: no
              container_process_limit: 0
              allow_i386_sockets: yes
            health_check_server: {port: null}
            logging: {level: off, file: /l, syslog: vcap.warden}
            network:
              pool_network: 10.1.0.0/20
              release_delay: 0.5
              mtu: 0x500
              allow_networks: [10.0.0.1, 10.1.0.0/16, 10.2.0.1-10.2.0.9]
              deny_networks: ["0.0.0.0/0"]
              allow_host_access: true
              dns_servers: [8.8.8.8, "::1"]
            port: {pool_start_port: 61_001, pool_size: 2000}
            user: {pool_start_uid: 20000, pool_size: 10}
            """;
        var file = ConfigurationReader.Parse(Text, "w.yml");
        Assert.Equal(["w.yml:9: server.container_limits_conf.maxlogins: the name of no resource limit; it does nothing"], file.Warnings);
        var server = file.Configuration.Server;
        Assert.Equal(("/run/w.sock", 0x1A0, "/r", "/d e"), (server.SocketPath, server.SocketMode, server.RootfsPath, server.DepotPath));
        Assert.Null(server.GraceTime);
        Assert.Equal(-1, server.JobOutputLimit);
        Assert.Equal(
            new Dictionary<ResourceLimit, ulong>
            {
                [ResourceLimit.Cpu] = 120,
                [ResourceLimit.Core] = ulong.MaxValue,
                [ResourceLimit.Stack] = 8192,
                [ResourceLimit.Nproc] = 7,
                [ResourceLimit.Rss] = ulong.MaxValue,
            },
            server.ResourceLimits);
        Assert.Equal((false, true), (server.DiskQuotaEnabled, server.AllowNestedWarden));
        Assert.Equal(("/run/w.pid", "/run/log"), (server.PidFile, server.SyslogSocket));
        Assert.Equal(("/etc/warden/hooks", false), (server.HooksPath, server.NoNewPrivileges));
        var settings = file.Configuration.ToBackendSettings();
        Assert.Equal(("/etc/warden/hooks", false), (settings.HooksPath, settings.NoNewPrivileges));
        Assert.Equal((0, 0), (server.ProcessLimit, settings.ProcessLimit));
        Assert.True(server.AllowI386Sockets && settings.AllowI386Sockets);
        Assert.Null(file.Configuration.HealthCheck.Port);
        Assert.Equal(new LoggingSection { Level = "off", File = "/l", Syslog = "vcap.warden" }, file.Configuration.Logging);
        var network = file.Configuration.Network;
        Assert.Equal(IPNetwork.Parse("10.1.0.0/20"), network.Pool);
        Assert.Equal((TimeSpan.FromSeconds(0.5), 1280, true), (network.ReleaseDelay, network.Mtu, network.AllowHostAccess));
        Assert.Equal(["10.0.0.1", "10.1.0.0", "10.2.0.1"], network.AllowNetworks.Select(range => range.First.ToString()));
        Assert.Equal(["10.0.0.1", "10.1.255.255", "10.2.0.9"], network.AllowNetworks.Select(range => range.Last.ToString()));
        Assert.Equal("255.255.255.255", Assert.Single(network.DenyNetworks).Last.ToString());
        Assert.Equal(["8.8.8.8", "::1"], network.DnsServers);
        Assert.Equal(new PortSection { StartPort = 61001, Size = 2000 }, file.Configuration.Port);
        Assert.Equal(new UserSection { StartUid = 20000, Size = 10 }, file.Configuration.User);
    }

    [Theory]
    [InlineData("server: 5", "f:1: server: expected a mapping, found the integer 5")]
    [InlineData("- a", "f:1: expected a mapping, found a list")]
    [InlineData("server:\n  unix_domain_path: [a]", "f:2: server.unix_domain_path: expected a string, found a list")]
    [InlineData("server:\n  unix_domain_path:", "f:2: server.unix_domain_path: expected a string, found null")]
    [InlineData("server:\n  pidfile: yes", "f:2: server.pidfile: expected a string or null, found the boolean yes")]
    [InlineData(
        "server:\n  unix_domain_permissions: '0755'",
        "f:2: server.unix_domain_permissions: expected an integer from 0 to 4095, found the string \"0755\"")]
    [InlineData(
        "server:\n  unix_domain_permissions: 0788",
        "f:2: server.unix_domain_permissions: expected an integer from 0 to 4095, found the string \"0788\"")]
    [InlineData(
        "server:\n  container_grace_time: soon",
        "f:2: server.container_grace_time: expected seconds from 0 to 4294966 or null, found the string \"soon\"")]
    [InlineData(
        "server:\n  container_grace_time: -1",
        "f:2: server.container_grace_time: expected seconds from 0 to 4294966 or null, found the integer -1")]
    [InlineData(
        "server:\n  job_output_limit: 1.5",
        "f:2: server.job_output_limit: expected an integer from -9223372036854775808 to 9223372036854775807, found the number 1.5")]
    [InlineData(
        "server:\n  container_rlimits:\n    nofile: many",
        "f:3: server.container_rlimits.nofile: expected an integer from 0 to 18446744073709551615 or -1 for unlimited, found the string \"many\"")]
    [InlineData(
        "server:\n  quota:\n    disk_quota_enabled: 1", "f:3: server.quota.disk_quota_enabled: expected true or false, found the integer 1")]
    [InlineData("health_check_server: {port: 65536}", "f:1: health_check_server.port: expected an integer from 0 to 65535 or null, found the integer 65536")]
    [InlineData(
        "logging: {level: loud}",
        "f:1: logging.level: expected one of off, fatal, error, warn, info, debug, debug1, debug2, all, found the string \"loud\"")]
    [InlineData("network: {pool_network: 10.0.0.0}", "f:1: network.pool_network: expected an IPv4 network of 8 to 30 bits, such as 10.254.0.0/24, found the string \"10.0.0.0\"")]
    [InlineData("network:\n  dns_servers:\n  - 8.8.8.8\n  - 'x y'", "f:4: network.dns_servers[1]: expected a name server: one word, an IP address, found the string \"x y\"")]
    [InlineData("network: {dns_servers: 8.8.8.8}", "f:1: network.dns_servers: expected a list, found the string \"8.8.8.8\"")]
    [InlineData("network: {pool_start_address: 10.1}", "f:1: network.pool_start_address: expected an IPv4 address, such as 10.254.0.0, found the number 10.1")]
    [InlineData("network: {pool_size: 0}", "f:1: network.pool_size: expected an integer from 1 to 4194304 or null, found the integer 0")]
    [InlineData("network: {mtu: ~}", "f:1: network.mtu: expected an integer from 68 to 65535, found null")]
    [InlineData("port:\n  pool_start_port: 0", "f:2: port.pool_start_port: expected an integer from 1 to 65535 or null, found the integer 0")]
    [InlineData("user: {pool_size: {}}", "f:1: user.pool_size: expected an integer from 1 to 2147483647, found a mapping")]
    [InlineData("user:\n  pool_size: 1\n  pool_size: 2", "f:3: user.pool_size: expected each key once, found it on line 2 already")]
    public void A_wrong_value_is_refused_with_its_place(string text, string problem)
    {
        var failure = Assert.Throws<ConfigurationException>(() => ConfigurationReader.Parse(text, "f"));
        Assert.Equal([problem], failure.Problems);
    }

    [Theory]
    [InlineData("server:\n  a: [1}", 2)]
    [InlineData("server:\n\tx: 1", 2)]
    [InlineData("server: *nowhere", 1)]
    [InlineData("a: 'open", 1)]
    [InlineData("? [a, b]\n: 1", 1)]
    public void What_is_not_yaml_is_refused_with_its_line(string text, int line)
    {
        var failure = Assert.Throws<ConfigurationException>(() => ConfigurationReader.Parse(text, "f"));
        Assert.StartsWith($"f:{line}: not valid YAML: ", Assert.Single(failure.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_are_told_at_once()
    {
        var failure = Assert.Throws<ConfigurationException>(
            () => ConfigurationReader.Parse("server:\n  pidfile: 1\nuser:\n  pool_size: x\n", "f"));
        Assert.Equal(2, failure.Problems.Count);
    }

    [Fact]
    public void Unknown_keys_are_warned_about()
    {
        var file = ConfigurationReader.Parse("server:\n  colour: red\nextra: {a: 1}\nserver_: 1\n", "f");
        Assert.Equal(["f:2: server.colour: unknown key", "f:3: extra: unknown key", "f:4: server_: unknown key"], file.Warnings);
    }

    [Theory]
    [InlineData("{pool_start_address: 10.5.0.0, pool_size: 5}", "10.5.0.0/27", null)]
    [InlineData("{pool_start_address: 10.5.0.4, pool_size: 1}", "10.5.0.4/30", null)]
    [InlineData("{pool_start_address: 10.5.0.4, pool_size: 2}", "10.5.0.0/29", "network.pool_start_address: no network of 29 bits begins there; the pool begins at 10.5.0.0")]
    [InlineData("{pool_size: 64}", "10.254.0.0/24", null)]
    [InlineData("{pool_network: 10.9.0.0/24, pool_start_address: 10.5.0.0, pool_size: 4}", "10.5.0.0/28", "network.pool_network: does nothing: pool_start_address and pool_size say the pool")]
    [InlineData("{pool_network: 10.9.0.7/24}", "10.9.0.0/24", null)]
    public void The_pool_is_given_in_either_way(string network, string pool, string? warning)
    {
        var file = ConfigurationReader.Parse("network: " + network, "f");
        Assert.Equal(IPNetwork.Parse(pool), file.Configuration.Network.Pool);
        Assert.Equal(warning is null ? [] : ["f:1: " + warning], file.Warnings);
    }

    [Fact]
    public void A_mode_without_a_leading_zero_is_decimal_and_warned_about()
    {
        var file = ConfigurationReader.Parse("server: {unix_domain_permissions: 755}", "f");
        Assert.Equal(755, file.Configuration.Server.SocketMode);
        Assert.Equal(
            ["f:1: server.unix_domain_permissions: 755 is decimal, and the mode 01363; an octal number begins with 0"], file.Warnings);
    }

    [Fact]
    public void Anchors_and_merge_keys_work()
    {
        var file = ConfigurationReader.Parse(
            "x: &base {pool_start_uid: 20000, pool_size: 9}\nuser:\n  <<: *base\n  pool_size: 12\nport:\n  pool_size: &n 2000\n  pool_start_port: *n\n", "f");
        Assert.Equal(new UserSection { StartUid = 20000, Size = 12 }, file.Configuration.User);
        Assert.Equal(new PortSection { StartPort = 2000, Size = 2000 }, file.Configuration.Port);
        Assert.Equal(["f:1: x: unknown key"], file.Warnings);
    }

    [Fact]
    public void A_file_that_is_not_there_is_refused()
    {
        var failure = Assert.Throws<ConfigurationException>(() => ConfigurationReader.Load("/no/such/file.yml"));
        Assert.Contains("/no/such/file.yml", failure.Message, StringComparison.Ordinal);
    }
}
