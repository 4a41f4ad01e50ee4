using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Wire;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>NetOut (§5), judged between two containers.</summary>
public abstract class NetOutSpecification(Target target) : Specification(target)
{
    private const int Tcp = 0;
    private const int Udp = 1;
    private const int Icmp = 2;
    private const int Every = 3;

    private WireConnection _connection = null!;
    private string _client = "";
    private NetworkProbe _probe = null!;

    [SkippableFact]
    [Clause("WRD-NETOUT-001")]
    [Clause("WRD-NETOUT-005")]
    public async Task AnAddressIsOpenedForTcp()
    {
        await PairAsync();
        await _probe.ListenAsync(7000);
        await _probe.ListenForDatagramsAsync(7000);
        await _probe.ExpectRefusedAsync(7000);
        await OpenAsync(("network", _probe.Address));
        await _probe.ExpectReachedAsync(7000);

        await _probe.ExpectNoDatagramsAsync(7000);
        await OpenAsync(("network", _probe.Address), ("protocol", Udp));
        await _probe.ExpectDatagramsAsync(7000);
    }

    [SkippableFact]
    [Clause("WRD-NETOUT-002")]
    [Clause("WRD-NETOUT-003")]
    public async Task PortsRestrictWhatIsOpened()
    {
        await PairAsync();
        foreach (var port in (int[])[7000, 7001, 7002, 7003, 7004])
        {
            await _probe.ListenAsync(port);
        }

        await OpenAsync(("network", _probe.Address), ("port", 7000));
        await _probe.ExpectReachedAsync(7000);
        await _probe.ExpectRefusedAsync(7001);

        // The range wins over the port beside it.
        await OpenAsync(("network", _probe.Address), ("port", 7004), ("port_range", "7001:7002"));
        await _probe.ExpectReachedAsync(7001);
        await _probe.ExpectReachedAsync(7002);
        await _probe.ExpectRefusedAsync(7003);
        await _probe.ExpectRefusedAsync(7004);
    }

    [SkippableTheory]
    [Clause("WRD-NETOUT-004")]
    [InlineData("{0}/32")]
    [InlineData("{0}/24")]
    [InlineData("{0}-{0}")]
    [InlineData("1.0.0.0-{0}")]
    public async Task ANetworkMayBeACidrOrARange(string form)
    {
        await PairAsync();
        await _probe.ListenAsync(7000);
        await OpenAsync(("network", string.Format(null, form, _probe.Address)), ("port", 7000));

        await _probe.ExpectReachedAsync(7000);
    }

    [SkippableTheory]
    [Clause("WRD-NETOUT-019")]
    [InlineData("{0}/255.255.255.255", true)]
    [InlineData("{0}/255.128.0.0", true)]
    [InlineData("{0}/0.0.0.0", true)]
    [InlineData("1.0.0.0/255.0.0.0", false)]
    public async Task A_mask_may_be_dotted(string form, bool opens)
    {
        await PairAsync();
        await _probe.ListenAsync(7000);
        await OpenAsync(("network", string.Format(null, form, _probe.Address)), ("port", 7000));

        await (opens ? _probe.ExpectReachedAsync(7000) : _probe.ExpectRefusedAsync(7000));
    }

    [SkippableFact]
    [Clause("WRD-NETOUT-020")]
    public async Task Each_network_of_a_list_is_opened_or_none_of_them()
    {
        await PairAsync();
        await _probe.ListenAsync(7000);
        foreach (var list in (string[])["{0},nowhere", "{0},", ",{0}", "{0},,1.1.1.1", "{0},1.1.1.1/255.0.255.0"])
        {
            Assert.StartsWith("network: ", await RefusedAsync(("network", string.Format(null, list, _probe.Address))), StringComparison.Ordinal);
        }

        await OpenAsync(("network", "1.1.1.1,4.2.2.0/24,3.0.0.0/255.0.0.0"));
        await _probe.ExpectRefusedAsync(7000);
        await OpenAsync(("network", $"1.1.1.1,4.2.2.0-4.2.2.9,{_probe.Address},3.0.0.0/255.0.0.0"), ("port", 7000));
        await _probe.ExpectReachedAsync(7000);
    }

    [SkippableFact]
    [Clause("WRD-NETOUT-021")]
    public async Task A_range_may_be_one_port_or_open_at_one_end()
    {
        await PairAsync();
        foreach (var port in (int[])[7000, 7001, 7002, 7003])
        {
            await _probe.ListenAsync(port);
        }

        await OpenAsync(("network", _probe.Address), ("port_range", "7001"));
        await _probe.ExpectReachedAsync(7001);
        await _probe.ExpectRefusedAsync(7000);
        await _probe.ExpectRefusedAsync(7002);

        await OpenAsync(("network", _probe.Address), ("port_range", "7003:"));
        await _probe.ExpectReachedAsync(7003);
        await _probe.ExpectRefusedAsync(7002);

        await OpenAsync(("network", _probe.Address), ("port_range", ":7001"));
        await _probe.ExpectReachedAsync(7000);
        await _probe.ExpectRefusedAsync(7002);
    }

    [SkippableTheory]
    [Clause("WRD-NETOUT-022")]
    [InlineData("example.org")]
    [InlineData("localhost")]
    [InlineData("example.org/24")]
    [InlineData("1.1.1.1,example.org")]
    public async Task A_name_is_refused_with_what_is_taken(string network)
    {
        await PairAsync();
        var error = await RefusedAsync(("network", network));

        Assert.StartsWith("network: '", error, StringComparison.Ordinal);
        foreach (var form in (string[])["ADDRESS/PREFIX", "ADDRESS/MASK", "FIRST-LAST", "names are not taken"])
        {
            Assert.Contains(form, error, StringComparison.Ordinal);
        }
    }

    [SkippableFact]
    [Clause("WRD-NETOUT-004")]
    public async Task AnotherNetworkStaysClosed()
    {
        await PairAsync();
        await _probe.ListenAsync(7000);
        await OpenAsync(("network", "1.1.1.1-1.1.1.9"));
        await OpenAsync(("network", "4.2.2.0/24"));

        await _probe.ExpectRefusedAsync(7000);
    }

    [SkippableFact]
    [Clause("WRD-NETOUT-006")]
    public async Task UdpOpensUdpAlone()
    {
        await PairAsync();
        await _probe.ListenAsync(7000);
        await _probe.ListenForDatagramsAsync(7000);
        await OpenAsync(("network", _probe.Address), ("port", 7000), ("protocol", Udp));

        await _probe.ExpectDatagramsAsync(7000);
        await _probe.ExpectRefusedAsync(7000);
    }

    [SkippableFact]
    [Clause("WRD-NETOUT-007")]
    [Clause("WRD-NET-009")]
    public async Task IcmpOpensPingAlone()
    {
        await PairAsync();
        await _probe.ListenAsync(7000);
        Assert.False(await _probe.PingsAsync());
        await OpenAsync(("network", _probe.Address), ("protocol", Icmp));

        await _probe.ExpectPingsAsync();
        await _probe.ExpectRefusedAsync(7000);
    }

    [SkippableTheory]
    [Clause("WRD-NETOUT-017")]
    [InlineData(8, 0, true)]
    [InlineData(8, -1, true)]
    [InlineData(-1, -1, true)]
    [InlineData(13, 0, false)]
    public async Task TypeAndCodeRestrictIcmp(int type, int code, bool opens)
    {
        await PairAsync();
        await OpenAsync(("network", _probe.Address), ("protocol", Icmp), ("icmp_type", type), ("icmp_code", code));

        if (opens)
        {
            await _probe.ExpectPingsAsync();
        }
        else
        {
            Assert.False(await _probe.PingsAsync());
        }
    }

    [SkippableFact]
    [Clause("WRD-NETOUT-008")]
    public async Task AllOpensEveryProtocol()
    {
        await PairAsync();
        await _probe.ListenAsync(7000);
        await _probe.ListenForDatagramsAsync(7000);
        await OpenAsync(("network", _probe.Address), ("protocol", Every));

        await _probe.ExpectReachedAsync(7000);
        await _probe.ExpectDatagramsAsync(7000);
        await _probe.ExpectPingsAsync();
    }

    [SkippableFact]
    [Clause("WRD-NETOUT-009")]
    [Clause("WRD-NETOUT-010")]
    [Clause("WRD-NETOUT-011")]
    [Clause("WRD-NETOUT-012")]
    public async Task WhatMakesNoSenseIsRefused()
    {
        await PairAsync();
        const string Specify = "Please specify network, port, and/or port_range.";
        const string Order = "Port range maximum must be greater than minimum";
        Assert.Equal(Specify, await RefusedAsync());
        Assert.Equal(Specify, await RefusedAsync(("protocol", Icmp)));
        Assert.Equal(Specify, await RefusedAsync(("protocol", Every)));
        Assert.Equal(Order, await RefusedAsync(("port_range", "2002:2000")));
        Assert.Equal(Order, await RefusedAsync(("port_range", "2000:2000"), ("network", "4.2.2.2")));
        foreach (var range in (string[])["a:b", "a", ":", "::", "80:b", ":b", "1:2:3", "-1:5", "1-2", "0", ":0"])
        {
            Assert.NotEqual("", await RefusedAsync(("port_range", range)));
        }
    }

    [SkippableFact]
    [Clause("WRD-NETOUT-013")]
    public async Task TheHostsAddressesStayClosed()
    {
        await PairAsync();
        var host = (await InfoAsync(_connection, _client)).Text("host_ip");
        Assert.NotEqual(0UL, (await RunAsync(_connection, _client, $"ping -c 1 -W 1 {host}")).Status);
        await OpenAsync(("network", host), ("protocol", Every));
        await OpenAsync(("network", "0.0.0.0/0"), ("protocol", Every));

        Assert.NotEqual(0UL, (await RunAsync(_connection, _client, $"ping -c 1 -W 1 {host}")).Status);
    }

    [SkippableFact]
    [Clause("WRD-NETOUT-014")]
    public async Task ARuleHoldsForItsContainerAlone()
    {
        await PairAsync();
        await _probe.ListenAsync(7000);
        var other = await CreateAsync(_connection);
        await _connection.CallAsync("NetOut", ("handle", other), ("network", _probe.Address));

        await _probe.ExpectRefusedAsync(7000);
    }

    [SkippableFact]
    [Clause("WRD-NETOUT-016")]
    public async Task RulesEndWithTheContainer()
    {
        await StartServerAsync("network: { pool_start_address: 10.200.0.0, pool_size: 2, release_delay: 0 }");
        await PairAsync();
        await _probe.ListenAsync(7000);
        await OpenAsync(("network", _probe.Address));
        await _probe.ExpectReachedAsync(7000);
        var address = (await InfoAsync(_connection, _client)).Text("container_ip");
        await _connection.CallAsync("Destroy", ("handle", _client));
        var next = await CreateAsync(_connection);
        Assert.Equal(address, (await InfoAsync(_connection, next)).Text("container_ip"));

        Assert.NotEqual(0UL, (await RunAsync(_connection, next, $"nc -z -w 1 {_probe.Address} 7000")).Status);
    }

    [SkippableFact]
    [Clause("WRD-NETOUT-018")]
    public async Task ARuleWithLogOpensAsOneWithout()
    {
        await PairAsync();
        await _probe.ListenAsync(7000);
        await OpenAsync(("network", _probe.Address), ("port", 7000), ("log", true), ("protocol", Tcp));

        await _probe.ExpectReachedAsync(7000);
    }

    [SkippableFact]
    [Clause("WRD-NETIN-008")]
    public async Task NetInDoesNotRedirectOutgoingTraffic()
    {
        await PairAsync();
        await _connection.CallAsync("NetIn", ("handle", _client), ("host_port", 7000), ("container_port", 9));
        await _probe.ListenAsync(7000);
        await OpenAsync(("network", _probe.Address), ("port", 7000));

        await _probe.ExpectReachedAsync(7000);
    }

    private async Task PairAsync()
    {
        (_connection, _client) = await ConnectAndCreateAsync();
        _probe = await NetworkProbe.BetweenAsync(_connection, _client, await CreateAsync(_connection));
    }

    private Task OpenAsync(params (string Field, object? Value)[] fields) =>
        _connection.CallAsync("NetOut", [("handle", _client), .. fields]);

    private Task<string> RefusedAsync(params (string Field, object? Value)[] fields) =>
        _connection.FailAsync("NetOut", [("handle", _client), .. fields]);
}
