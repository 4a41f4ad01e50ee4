using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Wire;
using Warden.Spec.Clauses;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>What a container reaches without being opened, and by the server's configuration (§5).</summary>
public abstract class NetworkSpecification(Target target) : Specification(target)
{
    [SkippableFact]
    [Clause("WRD-NET-001")]
    public async Task AContainerIsRefusedByAnotherAtOnce()
    {
        var (connection, probe) = await PairAsync();
        await probe.ListenAsync(7000);
        await probe.ExpectRefusedAsync(7000);
        await probe.ExpectRefusedAtOnceAsync(7000);
        Assert.False(await probe.PingsAsync());
        await connection.CallAsync("Ping");
    }

    [SkippableFact]
    [Clause("WRD-NET-002")]
    public async Task AContainerDoesNotReachTheHost()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        using var listener = Server.NewSocket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Any, 0));
        listener.Listen();
        var port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        var host = (await InfoAsync(connection, handle)).Text("host_ip");

        Assert.NotEqual(0UL, (await RunAsync(connection, handle, $"nc -z -w 1 {host} {port}")).Status);
        Assert.NotEqual(0UL, (await RunAsync(connection, handle, $"ping -c 1 -W 1 {host}")).Status);
        Assert.False(listener.Poll(0, SelectMode.SelectRead));
    }

    [SkippableFact]
    [Clause("WRD-NET-003")]
    public async Task AContainerReachesItself()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var probe = await NetworkProbe.BetweenAsync(connection, handle, handle);
        await probe.ListenAsync(7000);
        await probe.ExpectReachedAsync(7000);

        Assert.Equal("0\n", await OutputAsync(connection, handle, "nc -z -w 1 localhost 7001 2> /dev/null; test $? != 0; echo $?"));
    }

    [SkippableFact]
    [Clause("WRD-NET-004")]
    public async Task AllowedNetworksAreOpen()
    {
        await StartServerAsync("network: { pool_network: 10.200.0.0/24, allow_networks: [10.200.0.0/24] }");
        var (_, probe) = await PairAsync();
        await probe.ListenAsync(7000);

        await probe.ExpectReachedAsync(7000);
    }

    [SkippableFact]
    [Clause("WRD-NET-005")]
    public async Task DeniedNetworksAreClosedBeforeAllowedOnesAreOpened()
    {
        await StartServerAsync("""
            network:
              pool_network: 10.200.0.0/24
              allow_networks: [10.200.0.0/16]
              deny_networks: [10.200.0.8/30]
            """);
        var connection = await ConnectAsync();
        var client = await CreateAsync(connection, ("network", "10.200.0.0"));
        var allowed = await NetworkProbe.BetweenAsync(connection, client, await CreateAsync(connection, ("network", "10.200.0.4")));
        var denied = await NetworkProbe.BetweenAsync(connection, client, await CreateAsync(connection, ("network", "10.200.0.8")));
        await allowed.ListenAsync(7000);
        await denied.ListenAsync(7000);

        await allowed.ExpectReachedAsync(7000);
        await denied.ExpectRefusedAsync(7000);
    }

    [SkippableFact]
    [Clause("WRD-NET-006")]
    public async Task HostAccessOpensTheHost()
    {
        await StartServerAsync("network: { allow_host_access: true }");
        var (connection, handle) = await ConnectAndCreateAsync();
        var host = (await InfoAsync(connection, handle)).Text("host_ip");

        await Deadline.UntilAsync(
            $"a ping of {host} is answered", async () => (await RunAsync(connection, handle, $"ping -c 1 -W 1 {host}")).Status == 0);
    }

    [SkippableFact]
    [Clause("WRD-NET-007")]
    public async Task TheHostReachesAContainer()
    {
        Need(ClauseNeeds.LinuxKernel);
        var (connection, handle) = await ConnectAndCreateAsync();
        var address = (await InfoAsync(connection, handle)).Text("container_ip");
        await SpawnAsync(connection, handle, "while :; do nc -l -p 7000 > /tmp/got; done");

        await Deadline.UntilAsync("the host reaches the container", () => ConnectsAsync(address, 7000));
    }

    [SkippableFact]
    [Clause("WRD-NET-008")]
    public async Task TrafficToTheOutsideComesFromTheHost()
    {
        Need(ClauseNeeds.LinuxKernel | ClauseNeeds.Root);
        var outside = Server.OutsideService;
        Skip.If(outside is null, "WARDEN_OUTSIDE names no ADDRESS:PORT beyond the host that answers TCP");
        var (connection, handle) = await ConnectAndCreateAsync();
        Assert.NotEqual(0UL, (await RunAsync(connection, handle, $"nc -z -w 5 {outside!.Address} {outside.Port}")).Status);
        await connection.CallAsync("NetOut", ("handle", handle), ("network", outside.Address.ToString()), ("port", outside.Port));

        await Deadline.UntilAsync("the outside is reached", async () =>
            (await RunAsync(connection, handle, $"nc -z -w 5 {outside.Address} {outside.Port}")).Status == 0);
        if (Server.ExternalAddress is { } external)
        {
            // The page outside names whom it sees.
            var page = await Deadline.UntilAsync("the page has come", async () =>
            {
                var got = await RunAsync(connection, handle, $"printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 5 {outside.Address} {outside.Port}");
                return got.Status == 0 && got.Output.EndsWith('\n') && !got.Output.EndsWith("\r\n", StringComparison.Ordinal) ? got.Output : null;
            });
            Assert.EndsWith($"\r\n\r\n{external}\n", page);
        }
    }

    [SkippableFact]
    [Clause("WRD-NET-010")]
    public async Task TheInterfaceHasTheConfiguredMtu()
    {
        Need(ClauseNeeds.LinuxKernel);
        await StartServerAsync("network: { mtu: 1400 }");
        var (connection, handle) = await ConnectAndCreateAsync();

        Assert.Equal("1400\n", await OutputAsync(connection, handle, "cat /sys/class/net/w-*/mtu"));
    }

    [SkippableFact]
    [Clause("WRD-NET-011")]
    public async Task AContainerListensAtItsOwnAddresses()
    {
        var connection = await ConnectAsync();
        var probe = await NetworkProbe.BetweenAsync(connection, await CreateAsync(connection), await CreateAsync(connection));
        var handle = await CreateAsync(connection);
        Assert.EndsWith(
            "Cannot assign requested address\n", (await RunAsync(connection, handle, $"timeout 20 nc -l {probe.Address} 7001")).Error, StringComparison.Ordinal);
        Assert.EndsWith("Permission denied\n", (await RunAsync(connection, handle, "timeout 20 nc -l 1023")).Error, StringComparison.Ordinal);
    }

    [SkippableFact]
    [Clause("WRD-NET-012")]
    public async Task AnAnswerReachesTheOneWhoAsked()
    {
        var (connection, client) = await ConnectAndCreateAsync();
        var server = await CreateAsync(connection);
        var address = (await InfoAsync(connection, server)).Text("container_ip");
        await connection.CallAsync("NetOut", ("handle", client), ("network", address), ("protocol", 1));
        await SpawnAsync(connection, server, "while :; do echo answer | nc -u -l -p 7000 -W 1 > /dev/null; done");

        await Deadline.UntilAsync("the answer arrives", async () =>
            (await RunAsync(connection, client, $"echo question | nc -u -w 1 {address} 7000")).Output == "answer\n");
    }

    [SkippableFact]
    [Clause("WRD-NET-013")]
    public async Task DatagramsReachTheirOwnContainer()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var own = await NetworkProbe.BetweenAsync(connection, handle, handle);
        await own.ListenForDatagramsAsync(7000);
        await own.ExpectDatagramsAsync(7000);
        var local = new NetworkProbe(connection, handle, handle, "127.0.0.1");
        await local.ListenForDatagramsAsync(7001);
        await local.ExpectDatagramsAsync(7001);
    }

    [SkippableTheory]
    [Clause("WRD-BANDWIDTH-007")]
    [InlineData(false)]
    [Clause("WRD-BANDWIDTH-008")]
    [InlineData(true)]
    public async Task TrafficIsDelayedToTheRate(bool incoming)
    {
        var connection = await ConnectAsync();
        var client = await CreateAsync(connection);
        var server = await CreateAsync(connection);
        var address = (await InfoAsync(connection, server)).Text("container_ip");
        await connection.CallAsync("NetOut", ("handle", client), ("network", address));
        await connection.CallAsync("LimitBandwidth", ("handle", incoming ? server : client), ("rate", 100000), ("burst", 20000));
        await SpawnAsync(connection, server, "while :; do nc -l -p 7000 > /tmp/got < /dev/null; wc -c < /tmp/got > /tmp/count; done");
        var watch = Stopwatch.StartNew();
        await Deadline.UntilAsync("the server listens", async () =>
        {
            // The client ends when the server has taken all and hangs up.
            watch.Restart();
            var sent = await RunAsync(connection, client, $"head -c 220000 /dev/zero | nc -N -w 20 {address} 7000");
            watch.Stop();
            return sent.Status == 0;
        });
        await FileAppearsAsync(connection, server, "/tmp/count");
        await Deadline.UntilAsync("220000 bytes have gone through", async () =>
            (await RunAsync(connection, server, "cat /tmp/count")).Output == "220000\n");

        // At the rate it takes two seconds; what queues on the way may be sent before it counts.
        Assert.True(watch.Elapsed.TotalSeconds >= 1.2, $"{watch.Elapsed}");
    }

    private async Task<bool> ConnectsAsync(string address, int port)
    {
        using var socket = Server.NewSocket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(address, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task<(WireConnection Connection, NetworkProbe Probe)> PairAsync()
    {
        var connection = await ConnectAsync();
        return (connection, await NetworkProbe.BetweenAsync(connection, await CreateAsync(connection), await CreateAsync(connection)));
    }
}
