using System.Net;
using System.Runtime.Versioning;
using Warden.Linux.Commands;
using Warden.Spec;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Commands;

[SupportedOSPlatform("linux")]
public sealed class NetworkChoiceTests
{
    private const string FibTrie = """
        Main:
          +-- 0.0.0.0/0 3 0 5
             |-- 0.0.0.0
                /0 universe UNICAST
             +-- 10.0.0.0/8 2 0 2
                |-- 10.1.2.0
                   /24 link UNICAST
                |-- 10.254.0.0
                   /16 universe UNREACHABLE
        Local:
          +-- 0.0.0.0/0 2 0 2
             |-- 172.30.5.6
                /32 host LOCAL
        """;

    [Fact]
    public void Routes_of_every_table_are_read()
    {
        Assert.Equal(
            ["0.0.0.0/0", "10.1.2.0/24", "10.254.0.0/16", "172.30.5.6/32"],
            HostRoutes.Parse(FibTrie.Split('\n')).Select(network => network.ToString()));
    }

    [SkippableFact]
    public void This_hosts_routes_are_read()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Linux's /proc");
        Assert.Contains(IPNetwork.Parse("127.0.0.0/8"), HostRoutes.Read());
    }

    [Fact]
    public void A_network_is_picked_that_no_route_meets()
    {
        var routes = HostRoutes.Parse(FibTrie.Split('\n'));
        for (var seed = 0; seed < 200; seed++)
        {
            var network = FreePool.Pick(routes, new Random(seed));
            Assert.Equal(30, network.PrefixLength);
            Assert.True(IPNetwork.Parse("172.30.0.0/16").Contains(network.BaseAddress), network.ToString());
            Assert.False(network.Contains(IPAddress.Parse("172.30.5.6")));
        }
    }

    [Fact]
    public void The_only_free_network_is_found()
    {
        var routes = Enumerable.Range(0, 1024).Where(i => i != 77)
            .Select(i => new IPNetwork(new IPAddress([192, 168, (byte)(240 + (i >> 6)), (byte)(i << 2)]), 30))
            .Append(IPNetwork.Parse("10.0.0.0/8")).Append(IPNetwork.Parse("172.16.0.0/12")).Append(IPNetwork.Parse("100.64.0.0/10")).ToArray();
        Assert.Equal("192.168.241.52/30", FreePool.Pick(routes, new Random(1)).ToString());
        Assert.Throws<WardenException>(() => FreePool.Pick([.. routes, IPNetwork.Parse("192.168.241.0/24")], new Random(1)));
    }
}
