using System.Diagnostics;
using System.Net;
using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Wire;
using Warden.Spec.Clauses;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>Networks, uids and ports (§3).</summary>
public abstract class PoolSpecification(Target target) : Specification(target)
{
    [SkippableFact]
    [Clause("WRD-POOL-001")]
    public async Task HostAndContainerShareANetworkOfFour()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var info = await InfoAsync(connection, handle);
        var host = Number(info.Text("host_ip"));

        Assert.Equal(1U, host % 4);
        Assert.Equal(host + 1, Number(info.Text("container_ip")));
    }

    [SkippableFact]
    [Clause("WRD-POOL-002")]
    [Clause("WRD-POOL-005")]
    [Clause("WRD-POOL-013")]
    public async Task NetworksAreTakenInTurnAndReturned()
    {
        await StartServerAsync("network: { pool_start_address: 10.200.0.0, pool_size: 4, release_delay: 0 }");
        var connection = await ConnectAsync();
        var handles = new List<string>();
        foreach (var network in (string[])["10.200.0.1", "10.200.0.5", "10.200.0.9", "10.200.0.13"])
        {
            handles.Add(await CreateAsync(connection));
            Assert.Equal(network, (await InfoAsync(connection, handles[^1])).Text("host_ip"));
        }

        Assert.Equal("Could not acquire network", await connection.FailAsync("Create"));
        await connection.CallAsync("Destroy", ("handle", handles[2]));
        await connection.CallAsync("Destroy", ("handle", handles[0]));
        Assert.Equal("10.200.0.9", (await InfoAsync(connection, await CreateAsync(connection))).Text("host_ip"));
        Assert.Equal("10.200.0.1", (await InfoAsync(connection, await CreateAsync(connection))).Text("host_ip"));
    }

    [SkippableFact]
    [Clause("WRD-POOL-003")]
    [Clause("WRD-POOL-004")]
    public async Task ANetworkIsTheOneAskedFor()
    {
        await StartServerAsync("network: { pool_network: 10.200.0.0/24 }");
        var connection = await ConnectAsync();
        var handle = await CreateAsync(connection, ("network", "10.200.0.43"));
        Assert.Equal("10.200.0.41", (await InfoAsync(connection, handle)).Text("host_ip"));
        Assert.Equal("10.200.0.42", (await InfoAsync(connection, handle)).Text("container_ip"));

        Assert.Equal("Could not acquire network: 10.200.0.40", await connection.FailAsync("Create", ("network", "10.200.0.42")));
        Assert.Equal("Could not acquire network: 10.201.0.4", await connection.FailAsync("Create", ("network", "10.201.0.7")));
    }

    [SkippableFact]
    [Clause("WRD-POOL-004")]
    public async Task ANetworkOutsideThePoolIsNamedByItsFirstAddress()
    {
        var connection = await ConnectAsync();

        Assert.Equal("Could not acquire network: 1.1.1.0", await connection.FailAsync("Create", ("network", "1.1.1.1")));
    }

    [SkippableFact]
    [Clause("WRD-POOL-006")]
    [Clause("WRD-POOL-013")]
    public async Task UidsRunOutAndAreReturned()
    {
        await StartServerAsync("user: { pool_start_uid: 20000, pool_size: 2 }");
        var connection = await ConnectAsync();
        var first = await CreateAsync(connection);
        await CreateAsync(connection);

        Assert.Equal("no uid available", await connection.FailAsync("Create"));
        await connection.CallAsync("Destroy", ("handle", first));
        await CreateAsync(connection);
    }

    [SkippableFact]
    [Clause("WRD-POOL-009")]
    public async Task UidsCountUp()
    {
        await StartServerAsync("user: { pool_start_uid: 20000, pool_size: 10 }");
        var connection = await ConnectAsync();
        for (var uid = 20000; uid < 20003; uid++)
        {
            var handle = await CreateAsync(connection);
            Assert.Equal($"{uid} vcap\n", await OutputAsync(connection, handle, "echo $(id -u) $(id -un)"));
        }
    }

    [SkippableFact]
    [Clause("WRD-POOL-007")]
    [Clause("WRD-POOL-010")]
    [Clause("WRD-POOL-013")]
    [Clause("WRD-NETIN-006")]
    public async Task PortsCountUpRunOutAndAreReturned()
    {
        await StartServerAsync("port: { pool_start_port: 63000, pool_size: 1000 }");
        var (connection, handle) = await ConnectAndCreateAsync();
        for (var port = 63000UL; port < 64000; port++)
        {
            Assert.Equal(port, (await connection.CallAsync("NetIn", ("handle", handle))).Number("host_port"));
        }

        var other = await CreateAsync(connection);
        Assert.Equal("no port available", await connection.FailAsync("NetIn", ("handle", other)));
        await connection.CallAsync("Destroy", ("handle", handle));
        Assert.Equal(63000UL, (await connection.CallAsync("NetIn", ("handle", other))).Number("host_port"));
    }

    [SkippableFact]
    [Clause("WRD-POOL-008")]
    public async Task AReleasedNetworkRests()
    {
        await StartServerAsync("network: { pool_start_address: 10.200.0.0, pool_size: 1, release_delay: 2 }");
        var connection = await ConnectAsync();
        var handle = await CreateAsync(connection);
        var watch = Stopwatch.StartNew();
        await connection.CallAsync("Destroy", ("handle", handle));

        await Deadline.UntilAsync("the network is handed out again", async () =>
        {
            await connection.SendAsync("Create");
            var reply = await connection.ReadAsync();
            Assert.True(!reply.IsError || reply.Error == "Could not acquire network", $"{reply.Message}");
            return !reply.IsError;
        });

        // The watch runs from before the release: what is handed out sooner has not rested.
        Assert.True(watch.Elapsed.TotalSeconds >= 1.9, $"{watch.Elapsed}");
    }

    [SkippableFact]
    [Clause("WRD-POOL-008")]
    public async Task WithoutRestANetworkIsFreeAtOnce()
    {
        await StartServerAsync("network: { pool_start_address: 10.200.0.0, pool_size: 1, release_delay: 0 }");
        var connection = await ConnectAsync();
        for (var round = 0; round < 10; round++)
        {
            var handle = await CreateAsync(connection);
            await connection.CallAsync("Destroy", ("handle", handle));
        }
    }

    [SkippableTheory]
    [Clause("WRD-POOL-015")]
    [InlineData("network: { pool_start_address: 10.200.0.0, pool_size: 1, release_delay: 0 }")]
    [InlineData("user: { pool_start_uid: 20000, pool_size: 1 }")]
    public async Task ACreateWaitsForARemovalThatFillsThePool(string pool)
    {
        await StartServerAsync(pool);
        var (connection, handle) = await ConnectAndCreateAsync();
        await SpawnAsync(connection, handle, "trap '' TERM; touch /tmp/ready; while :; do sleep 0.1; done");
        await FileAppearsAsync(connection, handle, "/tmp/ready");
        var other = await ConnectAsync();
        await other.SendAsync("Destroy", ("handle", handle));
        await Deadline.UntilAsync("the container is being destroyed", async () => (await InfoAsync(connection, handle)).Text("state") == "stopped");

        await CreateAsync(connection);
        await other.ReadAsync("Destroy");
    }

    [SkippableFact]
    [Clause("WRD-POOL-011")]
    public async Task AThousandPortsAreTheLeast()
    {
        Need(ClauseNeeds.OwnConfiguration);
        Assert.NotEqual("", await Target.RefuseAsync(new ServerOptions("port: { pool_start_port: 63000, pool_size: 999 }")));
        Assert.NotEqual("", await Target.RefuseAsync(new ServerOptions("port: { pool_start_port: 65000 }")));
    }

    [SkippableTheory]
    [Clause("WRD-POOL-014")]
    [InlineData("pool_start_port: 64536, pool_size: 1000", 64536)]
    [InlineData("pool_start_port: 64001", 64001)]
    public async Task PortsReachUpToTheLast(string pool, ulong first)
    {
        await StartServerAsync($"port: {{ {pool} }}");
        var (connection, handle) = await ConnectAndCreateAsync();

        Assert.Equal(first, (await connection.CallAsync("NetIn", ("handle", handle))).Number("host_port"));
    }

    [SkippableTheory]
    [Clause("WRD-POOL-014")]
    [InlineData("pool_start_port: 64536, pool_size: 1001")]
    [InlineData("pool_start_port: 64002")]
    public async Task PortsBeyondTheLastAreRefused(string pool)
    {
        Need(ClauseNeeds.OwnConfiguration);

        Assert.NotEqual("", await Target.RefuseAsync(new ServerOptions($"port: {{ {pool} }}")));
    }

    [SkippableFact]
    [Clause("WRD-POOL-012")]
    public async Task UidsOfTheHostsUsersAreRefused()
    {
        Need(ClauseNeeds.OwnConfiguration);

        // nobody is 65534 in every passwd that is looked at.
        Assert.NotEqual("", await Target.RefuseAsync(new ServerOptions("user: { pool_start_uid: 65500, pool_size: 64 }")));
    }

    [SkippableFact]
    [Clause("WRD-NETIN-005")]
    public async Task ManyAtOnceGetEachTheirOwn()
    {
        var connections = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => ConnectAndCreateAsync()));
        var infos = new List<WireMessage>();
        var ports = new List<ulong>();
        foreach (var (connection, handle) in connections)
        {
            await connection.SendAsync("Info", ("handle", handle));
            await connection.SendAsync("NetIn", ("handle", handle));
        }

        foreach (var (connection, _) in connections)
        {
            infos.Add(await connection.ReadAsync("Info"));
            ports.Add((await connection.ReadAsync("NetIn")).Number("host_port"));
        }

        Assert.Equal(10, infos.Select(info => info.Text("container_ip")).Distinct().Count());
        Assert.Equal(10, ports.Distinct().Count());
    }

    private static uint Number(string address)
    {
        var bytes = IPAddress.Parse(address).GetAddressBytes();
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }
}
