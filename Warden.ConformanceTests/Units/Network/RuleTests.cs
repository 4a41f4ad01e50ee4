using System.Net;
using Warden.Emulator.Machine;
using Warden.Emulator.Network;
using Warden.Spec.Backend;
using Xunit;
using static Warden.ConformanceTests.Units.Network.NetworkFixture;

namespace Warden.ConformanceTests.Units.Network;

public sealed class RuleTests : IDisposable
{
    private static readonly IPAddress Peer = EmulatedNetwork.OutsidePeer;
    private readonly NetworkFixture _fixture = new();

    [Fact]
    public async Task AContainerReachesNothingAtFirst()
    {
        _fixture.Second.Network.Listen(new IPEndPoint(IPAddress.Any, 7000), 5, 0);
        Assert.Equal(Errno.ECONNREFUSED, await ConnectAsync(Peer, 80));
        Assert.Equal(Errno.ECONNREFUSED, await ConnectAsync(EmulatedNetwork.ExternalAddress, 80));
        Assert.Equal(Errno.ECONNREFUSED, await ConnectAsync(_fixture.First.Network.Gateway!, 80));
        Assert.Equal(Errno.ECONNREFUSED, await ConnectAsync(SecondAddress, 7000));
        Assert.Equal(Errno.EACCES, await PingAsync(Peer));
        Assert.Equal(Errno.EACCES, await PingAsync(_fixture.First.Network.Gateway!));
    }

    [Fact]
    public async Task HostAccessOpensTheHostAlone()
    {
        _fixture.Configure(settings => settings with { AllowHostAccess = true });
        Assert.Equal((Errno)0, await ConnectAsync(_fixture.First.Network.Gateway!, 80));
        Assert.Equal((Errno)0, await PingAsync(EmulatedNetwork.ExternalAddress));
        Assert.Equal(Errno.ECONNREFUSED, await ConnectAsync(Peer, 80));
    }

    [Fact]
    public async Task NothingButHostAccessOpensTheHost()
    {
        var all = new AddressRange(IPAddress.Any, IPAddress.Broadcast);
        _fixture.Configure(settings => settings with { AllowNetworks = [all] });
        _fixture.Network.Open(FirstId, new NetOutRule(all, null, NetProtocol.All, null, null, false));
        Assert.Equal(Errno.ECONNREFUSED, await ConnectAsync(_fixture.First.Network.Gateway!, 80));
        Assert.Equal(Errno.EACCES, await PingAsync(EmulatedNetwork.ExternalAddress));
        Assert.Equal((Errno)0, await ConnectAsync(Peer, 80));
    }

    [Fact]
    public async Task DeniedNetworksWinOverAllowedOnesAndAnotherServerReplacesThem()
    {
        var peers = new AddressRange(IPAddress.Parse("203.0.113.0"), IPAddress.Parse("203.0.113.255"));
        _fixture.Configure(settings => settings with { AllowNetworks = [peers], DenyNetworks = [new AddressRange(Peer, Peer)] });
        Assert.Equal(Errno.ECONNREFUSED, await ConnectAsync(Peer, 80));
        Assert.Equal((Errno)0, await ConnectAsync(IPAddress.Parse("203.0.113.2"), 80));
        _fixture.Configure();
        Assert.Equal(Errno.ECONNREFUSED, await ConnectAsync(Peer, 80));
    }

    [Fact]
    public async Task ARuleOpensItsNetworkPortsAndProtocol()
    {
        _fixture.Network.Open(FirstId, Rule("203.0.113.1", "203.0.113.9", (79, 80)));
        Assert.Equal((Errno)0, await ConnectAsync(IPAddress.Parse("203.0.113.9"), 80));
        Assert.Equal(Errno.ECONNREFUSED, await ConnectAsync(IPAddress.Parse("203.0.113.10"), 80));
        Assert.Equal(Errno.ECONNREFUSED, await ConnectAsync(Peer, 7));
        Assert.Equal(Errno.EACCES, await PingAsync(Peer));
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData(8, null, true)]
    [InlineData(8, 0, true)]
    [InlineData(0, null, false)]
    [InlineData(8, 1, false)]
    public async Task IcmpIsOpenedByTypeAndCode(int? type, int? code, bool open)
    {
        _fixture.Network.Open(FirstId, Rule("203.0.113.1", protocol: NetProtocol.Icmp, type: type, code: code));
        Assert.Equal(open ? 0 : Errno.EACCES, await PingAsync(Peer));
        Assert.Equal(Errno.ECONNREFUSED, await ConnectAsync(Peer, 80));
    }

    [Fact]
    public async Task TheRuleThatMatchesLogsAndALaterOneComesFirst()
    {
        _fixture.Network.Open(FirstId, Rule("203.0.113.1", log: true));
        Assert.Equal((Errno)0, await ConnectAsync(Peer, 80));
        Assert.StartsWith($"warden-i-{FirstId} ", Assert.Single(_fixture.Network.KernelLog), StringComparison.Ordinal);
        Assert.Contains("DST=203.0.113.1 ", _fixture.Network.KernelLog[0], StringComparison.Ordinal);
        Assert.Contains("PROTO=TCP ", _fixture.Network.KernelLog[0], StringComparison.Ordinal);
        Assert.Contains("DPT=80 ", _fixture.Network.KernelLog[0], StringComparison.Ordinal);

        _fixture.Network.Open(FirstId, Rule("203.0.113.1"));
        Assert.Equal((Errno)0, await ConnectAsync(Peer, 80));
        Assert.Single(_fixture.Network.KernelLog);
    }

    [Fact]
    public async Task AnOpenedPortOfAnotherContainerIsReached()
    {
        _fixture.Second.Network.Listen(new IPEndPoint(IPAddress.Any, 7000), 5, 0);
        _fixture.Network.Open(FirstId, Rule("10.254.0.6", ports: (7000, 7000)));
        Assert.Equal((Errno)0, await ConnectAsync(SecondAddress, 7000));
    }

    [Fact]
    public async Task AnAddressThatNobodyHasIsUnreachable()
    {
        _fixture.Network.Open(FirstId, Rule("0.0.0.0", "255.255.255.255", protocol: NetProtocol.All));
        Assert.Equal(Errno.EHOSTUNREACH, await ConnectAsync(IPAddress.Parse("192.0.2.1"), 80));
        Assert.Equal(Errno.EHOSTUNREACH, await PingAsync(IPAddress.Parse("192.0.2.1")));
    }

    [Fact]
    public async Task DatagramsAreRefusedAtTheNextCallUntilOpened()
    {
        Assert.Equal(Errno.ECONNREFUSED, await FailureOfAsync(() => EchoAsync()));
        _fixture.Network.Open(FirstId, Rule("203.0.113.1", protocol: NetProtocol.Udp));
        Assert.Equal("hello", await EchoAsync());

        Task<string> EchoAsync() => InAsync(_fixture.First, async process =>
        {
            var socket = process.Container.Network.Bind(process, new IPEndPoint(IPAddress.Any, 0));
            await socket.SendAsync(process, "hello"u8.ToArray(), new IPEndPoint(Peer, 7));
            var (data, from) = await socket.ReceiveAsync(process, Support.Deadline.Default);
            Assert.Equal(new IPEndPoint(Peer, 7), from);
            return ByteText.FromBytes(data);
        });
    }

    public void Dispose() => _fixture.Dispose();

    private Task<Errno> ConnectAsync(IPAddress address, int port) => FailureOfAsync(() => InAsync(_fixture.First, async process =>
    {
        process.Install(await process.Container.Network.ConnectAsync(process, new IPEndPoint(address, port)));
        return 0;
    }));

    private Task<Errno> PingAsync(IPAddress address) => FailureOfAsync(() => InAsync(
        _fixture.First, process => process.Container.Network.PingAsync(process, address, 56, Support.Deadline.Default)));
}
