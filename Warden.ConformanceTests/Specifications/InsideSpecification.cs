using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Targets;
using Warden.Spec.Clauses;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>What a container is from the inside, and what the host sees of it (§3).</summary>
public abstract class InsideSpecification(Target target) : Specification(target)
{
    [SkippableFact]
    [Clause("WRD-INSIDE-001")]
    [Clause("WRD-INSIDE-002")]
    [Clause("WRD-INSIDE-007")]
    public async Task TheHostNameIsTheId()
    {
        var (connection, handle) = await ConnectAndCreateAsync(("handle", $"inside-{Faker.Random.AlphaNumeric(12)}"));
        var info = await InfoAsync(connection, handle);
        var id = info.Text("container_path").Split('/')[^1];

        Assert.Matches("^[0-9a-v]{11}$", id);
        Assert.Equal($"{id}\n", await OutputAsync(connection, handle, "hostname"));
        var hosts = (await OutputAsync(connection, handle, "cat /etc/hosts")).Split('\n').Select(line => line.Split(' ', '\t'));
        Assert.Contains(hosts, line => line[0] == "127.0.0.1" && line.Contains("localhost"));
        Assert.Contains(hosts, line => line[0] == info.Text("container_ip") && line.Contains(id));
    }

    [SkippableFact]
    [Clause("WRD-INSIDE-003")]
    public async Task ResolvConfNamesTheConfiguredServers()
    {
        await StartServerAsync("network: { dns_servers: [9.9.9.9, 149.112.112.112] }");
        var (connection, handle) = await ConnectAndCreateAsync();

        Assert.Equal(
            "nameserver 9.9.9.9\nnameserver 149.112.112.112\n",
            await OutputAsync(connection, handle, "grep ^nameserver /etc/resolv.conf"));
    }

    [SkippableFact]
    [Clause("WRD-CONFIG-017")]
    public async Task ANameServerThatIsNoAddressIsKeptWithAWarning()
    {
        await StartServerAsync($"network: {{ dns_servers: [ns1.example.com, 9.9.9.9] }}\nlogging: {{ level: warn, file: {Host["log"]} }}");
        var (connection, handle) = await ConnectAndCreateAsync();

        Assert.Equal(
            "nameserver ns1.example.com\nnameserver 9.9.9.9\n",
            await OutputAsync(connection, handle, "grep ^nameserver /etc/resolv.conf"));
        await Deadline.UntilAsync("the warning is in the log", async () =>
            File.Exists(Host["log"]) && (await File.ReadAllTextAsync(Host["log"])).Contains("network.dns_servers: ns1.example.com", StringComparison.Ordinal));
    }

    [SkippableFact]
    [Clause("WRD-INSIDE-006")]
    public async Task ResolvConfFollowsTheHosts()
    {
        Need(ClauseNeeds.LinuxKernel);
        await StartServerAsync();
        var (connection, handle) = await ConnectAndCreateAsync();
        var servers = (await File.ReadAllLinesAsync(Server.PathOf("/etc/resolv.conf")))
            .Where(line => line.StartsWith("nameserver ", StringComparison.Ordinal)).ToList();
        var inside = await OutputAsync(connection, handle, "cat /etc/resolv.conf");

        if (servers.Count > 0 && servers.All(server => server == "nameserver 127.0.0.1"))
        {
            Assert.Contains($"nameserver {(await InfoAsync(connection, handle)).Text("host_ip")}", inside, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(await File.ReadAllTextAsync(Server.PathOf("/etc/resolv.conf")), inside);
        }
    }

    [SkippableFact]
    [Clause("WRD-INSIDE-005")]
    public async Task ContainersSeeNothingOfEachOther()
    {
        var (connection, one) = await ConnectAndCreateAsync();
        var two = await CreateAsync(connection);
        var mark = Faker.Random.AlphaNumeric(20);
        await OutputAsync(connection, one, $"echo {mark} > /tmp/{mark}");
        await SpawnAsync(connection, one, $"exec sleep 3{Faker.Random.Int(100, 999)}0");

        Assert.Equal("", (await RunAsync(connection, two, "ls /tmp")).Output);
        Assert.Equal("none\n", await OutputAsync(connection, two, "cat /proc/[0-9]*/comm 2> /dev/null | grep sleep || echo none"));
        Assert.Equal($"{mark}\n", await OutputAsync(connection, one, $"cat /tmp/{mark}"));
    }

    [SkippableFact]
    [Clause("WRD-INSIDE-009")]
    public async Task ContainerPathIsInTheConfiguredDepot()
    {
        var depot = Host.Make("depot");
        await StartServerAsync($"server: {{ container_depot_path: {depot} }}");
        var (connection, handle) = await ConnectAndCreateAsync();

        Assert.Equal($"{depot}/{handle}", (await InfoAsync(connection, handle)).Text("container_path"));
    }

    [SkippableFact]
    [Clause("WRD-INSIDE-004")]
    public async Task TheConsoleIsLogged()
    {
        Need(ClauseNeeds.LinuxKernel);
        var (connection, handle) = await ConnectAndCreateAsync();
        var log = Server.PathOf(Path.Combine((await InfoAsync(connection, handle)).Text("container_path"), "console.log"));
        await RunAsync(connection, handle, "echo to the console > /dev/console", ("privileged", true));

        await Deadline.UntilAsync("the line is in console.log", async () =>
            File.Exists(log) && (await File.ReadAllTextAsync(log)).Contains("to the console", StringComparison.Ordinal));
    }

    [SkippableFact]
    [Clause("WRD-INSIDE-008")]
    public async Task TheHostSeesWhatTheContainerWrote()
    {
        Need(ClauseNeeds.LinuxKernel);
        var (connection, handle) = await ConnectAndCreateAsync();
        var path = Server.PathOf((await InfoAsync(connection, handle)).Text("container_path"));
        await OutputAsync(connection, handle, "echo live > /tmp/live");

        Assert.Equal("live\n", await File.ReadAllTextAsync(Path.Combine(path, "tmp/rootfs/tmp/live")));
    }

    [SkippableFact]
    [Clause("WRD-INSIDE-010")]
    public async Task NamesResolveByTheHostsFile()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var probe = await NetworkProbe.BetweenAsync(connection, handle, handle);
        await probe.ListenAsync(7000);
        await OutputAsync(
            connection, handle, $"printf '# nothing\n\n{probe.Address}\tfirst.test second.test # third.test\n' >> /etc/hosts", ("privileged", true));

        foreach (var name in (string[])["localhost", "first.test", "second.test"])
        {
            await Deadline.UntilAsync($"{name} is reached", async () =>
                (await RunAsync(connection, handle, $"nc -z -w 2 {name} 7000")).Status == 0);
        }

        foreach (var name in (string[])["third.test", "nowhere.test"])
        {
            Assert.NotEqual(0UL, (await RunAsync(connection, handle, $"nc -z -w 2 {name} 7000")).Status);
        }
    }

    [SkippableFact]
    [Clause("WRD-INSIDE-011")]
    public async Task VcapIsAnOrdinaryUser()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        const string Show = "stat -c '%U %a' /tmp/mine /tmp/roots";
        await OutputAsync(connection, handle, "echo secret > /tmp/roots; chmod 600 /tmp/roots", ("privileged", true));
        await OutputAsync(connection, handle, "touch /tmp/mine; chown vcap /tmp/mine; chmod 640 /tmp/mine");

        var refused = await RunAsync(connection, handle, """
            chown root /tmp/mine || echo 1
            chown vcap /tmp/roots || echo 2
            chmod 777 /tmp/roots || echo 3
            cat /tmp/roots || echo 4
            rm -f /tmp/roots || echo 5
            mv /tmp/roots /tmp/moved || echo 6
            echo x > /etc/hostname || echo 7
            """);
        Assert.Equal("1\n2\n3\n4\n5\n6\n7\n", refused.Output);
        Assert.Contains("chown: changing ownership of '/tmp/mine': Operation not permitted", refused.Error, StringComparison.Ordinal);
        Assert.Equal("vcap 640\nroot 600\n", await OutputAsync(connection, handle, Show));

        await OutputAsync(connection, handle, "chown root /tmp/mine; chown vcap /tmp/roots; chmod 604 /tmp/mine", ("privileged", true));
        Assert.Equal("root 604\nvcap 600\n", await OutputAsync(connection, handle, Show));
        Assert.Equal("secret\n", await OutputAsync(connection, handle, "cat /tmp/roots"));
    }
}
