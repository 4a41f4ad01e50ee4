using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Vectors;
using Warden.Spec.Clauses;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>The configuration file (§6).</summary>
public abstract class ConfigurationSpecification(Target target) : Specification(target)
{
    [SkippableTheory]
    [Clause("WRD-CONFIG-001")]
    [InlineData("linux-2012.yml")]
    [InlineData("linux-2016.yml")]
    public async Task TheFilesOfTheOldServerLoad(string name)
    {
        // Where files say what the machine has not (a root file system of its own, a port that is taken), the test's values stand in.
        var text = await File.ReadAllTextAsync(VectorFile.PathOf(name));
        text = text.Replace("port: 2345", $"port: {FreePort.Next()}", StringComparison.Ordinal)
            .Replace("/tmp/warden/containers", Host.Make("depot"), StringComparison.Ordinal)
            .Replace("/tmp/warden/rootfs", Target.RootfsPath ?? Host.Make("rootfs"), StringComparison.Ordinal);
        await StartServerAsync(text);
        var (connection, handle) = await ConnectAndCreateAsync();

        Assert.Equal("10.254.0.1", (await InfoAsync(connection, handle)).Text("host_ip"));
        Assert.Equal("8192 512\n", await OutputAsync(connection, handle, "echo $(ulimit -n) $(ulimit -u)"));
        Assert.Equal("4194304\n", await OutputAsync(connection, handle, "ulimit -v"));
    }

    [SkippableFact]
    [Clause("WRD-CONFIG-015")]
    public async Task AliasesStandForWhatTheyName()
    {
        await StartServerAsync("""
            server: { container_rlimits: &few { nofile: 100, nproc: 200 } }
            network: { pool_network: 10.200.0.0/24, deny_networks: &networks [10.200.0.0/30, 10.200.0.4/30], allow_networks: *networks }
            user: { <<: { pool_start_uid: 21000, pool_size: 2 }, pool_size: 1 }
            """);
        var (connection, handle) = await ConnectAndCreateAsync();

        Assert.Equal("100 200 21000\n", await OutputAsync(connection, handle, "echo $(ulimit -n) $(ulimit -u) $(id -u)"));
        Assert.Equal("no uid available", await connection.FailAsync("Create"));
    }

    [SkippableTheory]
    [Clause("WRD-CONFIG-002")]
    [InlineData("server:\n  container_grace_time: soon\n", "server.container_grace_time", "2")]
    [InlineData("# a comment\nserver:\n  job_output_limit: [1]\n", "server.job_output_limit", "3")]
    [InlineData("network:\n  pool_network: not-a-network\n", "network.pool_network", "2")]
    [InlineData("network:\n  mtu: big\n", "network.mtu", "2")]
    [InlineData("server:\n  quota:\n    disk_quota_enabled: 7\n", "server.quota.disk_quota_enabled", "3")]
    [InlineData("server: text\n", "server", "1")]
    [InlineData("user:\n  pool_start_uid: -4\n", "user.pool_start_uid", "2")]
    [InlineData("server:\n  container_rlimits:\n    nofile: many\n", "server.container_rlimits.nofile", "3")]
    [InlineData("logging:\n  level: loud\n", "logging.level", "2")]
    [InlineData("network:\n  allow_networks: [10.0.0.0/8, nonsense]\n", "network.allow_networks", "2")]
    [InlineData("network:\n  dns_servers: 1.2.3.4.5\n", "network.dns_servers", "2")]
    [InlineData("logging:\n  file: 5\n", "logging.file", "2")]
    [InlineData("logging:\n  file: true\n", "logging.file", "2")]
    public async Task AWrongTypeIsRefusedWithItsPlace(string text, string path, string line)
    {
        Need(ClauseNeeds.OwnConfiguration);
        Skip.If(Target is ExternalTarget && path == "server", "an external server gets its file merged with the socket's path, which needs the section");
        var refusal = await Target.RefuseAsync(new ServerOptions(text));

        Assert.Contains(path, refusal, StringComparison.Ordinal);
        if (Target is not ExternalTarget)
        {
            // What was merged for an external server has other lines.
            Assert.Matches($@"\b{line}\b", refusal);
        }
    }

    [SkippableFact]
    [Clause("WRD-CONFIG-003")]
    [Clause("WRD-CONFIG-006")]
    [Clause("WRD-CONFIG-010")]
    [Clause("WRD-CONFIG-012")]
    public async Task WhatIsUnknownIsWarnedAboutAndTheServerStarts()
    {
        await StartServerAsync($$"""
            server:
              container_klass: Warden::Container::Insecure
              unknown_of_server: 1
              container_limits_conf:
                no_such_limit: 5
            unknown_section:
              x: 1
            logging:
              level: warn
              file: {{Host["log"]}}
            """);
        await (await ConnectAsync()).CallAsync("Ping");

        await Deadline.UntilAsync("the four warnings are in the log", async () =>
        {
            var log = File.Exists(Host["log"]) ? await ReadAsync(Host["log"]) : "";
            return ((string[])["Insecure", "unknown_of_server", "no_such_limit", "unknown_section"])
                .All(word => log.Contains(word, StringComparison.Ordinal));
        });
        var warnings = (await ReadAsync(Host["log"])).Split('\n');
        Assert.Contains(warnings, line => line.Contains("server.unknown_of_server", StringComparison.Ordinal) && line.Contains('3', StringComparison.Ordinal));
    }

    [SkippableTheory]
    [Clause("WRD-CONFIG-014")]
    [InlineData("'5'")]
    [InlineData("\"5\"")]
    public async Task AQuotedNumberIsAString(string quoted)
    {
        await StartServerAsync($"server: {{ syslog_socket: {quoted} }}");

        await (await ConnectAsync()).CallAsync("Ping");
    }

    [SkippableFact]
    [Clause("WRD-CONFIG-013")]
    public async Task RequestsAreLoggedWithoutTheirScripts()
    {
        await StartServerAsync($"logging: {{ level: all, file: {Host["log"]} }}");
        var (connection, handle) = await ConnectAndCreateAsync(("handle", $"logged-{Faker.Random.AlphaNumeric(12)}"));
        await OutputAsync(connection, handle, "true classified", ("privileged", true));
        await connection.CallAsync("Echo", ("message", "classified"));

        await Deadline.UntilAsync("the requests are in the log", async () =>
            (await ReadAsync(Host["log"])).Contains("echo", StringComparison.OrdinalIgnoreCase));
        var log = await ReadAsync(Host["log"]);
        Assert.DoesNotContain("classified", log, StringComparison.Ordinal);
        var run = Assert.Single(log.Split('\n'), line => line.Contains(handle, StringComparison.Ordinal) && line.Contains("privileged", StringComparison.Ordinal));
        Assert.DoesNotContain("log_tag", run, StringComparison.Ordinal);
    }

    [SkippableFact]
    [Clause("WRD-CONFIG-004")]
    [Clause("WRD-CONFIG-005")]
    public async Task StartAndSizeBeatThePoolsNetwork()
    {
        await StartServerAsync("network: { pool_network: 10.77.0.0/24, pool_start_address: 10.88.0.0, pool_size: 3, release_delay: 0 }");
        var connection = await ConnectAsync();
        for (var count = 0; count < 4; count++)
        {
            Assert.Equal($"10.88.0.{(4 * count) + 1}", (await InfoAsync(connection, await CreateAsync(connection))).Text("host_ip"));
        }

        Assert.Equal("Could not acquire network", await connection.FailAsync("Create"));
    }

    [SkippableTheory]
    [Clause("WRD-CONFIG-007")]
    [Clause("WRD-SOCKET-001")]
    [InlineData("0700", 0x1C0)]
    [InlineData("0777", 0x1FF)]
    [InlineData("0660", 0x1B0)]
    [InlineData("448", 0x1C0)]
    public async Task TheSocketsModeIsTheConfiguredOne(string configured, int mode)
    {
        await StartServerAsync($"server: {{ unix_domain_permissions: {configured} }}");
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal((UnixFileMode)mode, File.GetUnixFileMode(Server.SocketPath));
        }
    }

    [SkippableTheory]
    [Clause("WRD-CONFIG-008")]
    [InlineData("---\n")]
    [InlineData("# nothing but a comment\n")]
    [InlineData("server:\nnetwork:\n")]
    public async Task AnEmptyFileMeansTheDefaults(string text)
    {
        await StartServerAsync(text);
        var (connection, handle) = await ConnectAndCreateAsync();

        Assert.Equal("10.254.0.1", (await InfoAsync(connection, handle)).Text("host_ip"));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal((UnixFileMode)0x1ED, File.GetUnixFileMode(Server.SocketPath));
        }
    }

    [SkippableTheory]
    [Clause("WRD-CONFIG-009")]
    [InlineData("server:\n  a: {b: 1]\n", 2, false)]
    [InlineData("server:\n\t- tab\n", 2, true)]
    [InlineData("- a\n- list\n", 1, false)]
    public async Task AFileThatIsNoConfigurationIsRefused(string text, int line, bool isForATab)
    {
        Need(ClauseNeeds.OwnConfiguration);
        Skip.If(Target is ExternalTarget, "an external server gets its file merged with WARDEN_CONFIG, so it is always well-formed");

        var refusal = await Target.RefuseAsync(new ServerOptions(text));
        Assert.Matches($@":{line}\b", refusal);
        Assert.Equal(isForATab, refusal.Contains(" tab", StringComparison.Ordinal));
    }

    [SkippableTheory]
    [Clause("WRD-CONFIG-011")]
    [InlineData("health_check_server: { port: 70000 }", "health_check_server.port")]
    [InlineData("port: { pool_start_port: 70000 }", "port.pool_start_port")]
    [InlineData("network: { pool_network: 10.0.0.0/31 }", "network.pool_network")]
    [InlineData("network: { pool_start_address: 10.0.0.0, pool_size: 0 }", "network.pool_size")]
    [InlineData("user: { pool_size: 0 }", "user.pool_size")]
    [InlineData("server: { container_grace_time: -1 }", "server.container_grace_time")]
    public async Task AValueOutOfRangeIsRefused(string text, string path)
    {
        Need(ClauseNeeds.OwnConfiguration);

        Assert.Contains(path, await Target.RefuseAsync(new ServerOptions(text)), StringComparison.Ordinal);
    }

    /// <summary>Reads a file that the server still writes.</summary>
    private static async Task<string> ReadAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return await reader.ReadToEndAsync();
    }
}
