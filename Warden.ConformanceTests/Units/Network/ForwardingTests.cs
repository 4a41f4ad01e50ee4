using System.Net;
using System.Text;
using Warden.Emulator.Machine;
using Warden.Emulator.Network;
using Xunit;
using static Warden.ConformanceTests.Units.Network.NetworkFixture;

namespace Warden.ConformanceTests.Units.Network;

public sealed class ForwardingTests : IDisposable
{
    private readonly NetworkFixture _fixture = new();

    [Fact]
    public async Task TheOutsideAndTheHostReachAForwardedPort()
    {
        Answer(_fixture.First, 8080, "first");
        _fixture.Network.Forward(61001, FirstId, 8080);
        _fixture.Network.Forward(61001, FirstId, 8080);
        await using var outside = await _fixture.Network.ConnectFromOutsideAsync(61001);
        Assert.Equal("first from 203.0.113.1", await ReadToEndAsync(outside));
        await using var host = await _fixture.Network.ConnectFromHostAsync(EmulatedNetwork.ExternalAddress, 61001);
        Assert.Equal("first from 198.51.100.1", await ReadToEndAsync(host));
        await using var direct = await _fixture.Network.ConnectFromHostAsync(FirstAddress, 8080);
        Assert.Equal("first from 10.254.0.1", await ReadToEndAsync(direct));
        Assert.Equal(Errno.ECONNREFUSED, await FailureOfAsync(async () => await _fixture.Network.ConnectFromOutsideAsync(61002)));
    }

    [Fact]
    public async Task OfTwoForwardsTheEarlierWinsUntilItsContainerIsGone()
    {
        Answer(_fixture.First, 8080, "first");
        Answer(_fixture.Second, 8080, "second");
        _fixture.Network.Forward(61001, FirstId, 8080);
        _fixture.Network.Forward(61001, SecondId, 8080);
        await using (var connection = await _fixture.Network.ConnectFromOutsideAsync(61001))
        {
            Assert.StartsWith("first", await ReadToEndAsync(connection), StringComparison.Ordinal);
        }

        _fixture.Network.Remove(FirstId);
        await using var other = await _fixture.Network.ConnectFromOutsideAsync(61001);
        Assert.StartsWith("second", await ReadToEndAsync(other), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnotherContainerNeedsARuleForWhereTheForwardLeads()
    {
        Answer(_fixture.Second, 8080, "second");
        _fixture.Network.Forward(61001, SecondId, 8080);
        _fixture.Network.Open(FirstId, Rule("198.51.100.1"));
        Assert.Equal(Errno.ECONNREFUSED, await FailureOfAsync(() => FetchAsync(EmulatedNetwork.ExternalAddress, 61001)));
        _fixture.Network.Open(FirstId, Rule("10.254.0.6", ports: (8080, 8080)));
        Assert.Equal("second from 10.254.0.2", await FetchAsync(EmulatedNetwork.ExternalAddress, 61001));
    }

    [Fact]
    public async Task AForwardLeavesTheContainersOwnTrafficToSuchAPortElsewhereAlone()
    {
        var elsewhere = IPAddress.Parse("192.0.2.7");
        _fixture.Network.AddOutsideHost(elsewhere, 8080, async connection =>
            await connection.WriteAsync(Encoding.ASCII.GetBytes($"elsewhere saw {connection.RemoteEndPoint.Address}")));
        Answer(_fixture.First, 8080, "first");
        _fixture.Network.Forward(8080, FirstId, 8080);
        _fixture.Network.Open(FirstId, Rule("192.0.2.7"));
        Assert.Equal("elsewhere saw 198.51.100.1", await FetchAsync(elsewhere, 8080));
    }

    [Fact]
    public async Task ADestroyedContainersConnectionsAreReset()
    {
        _fixture.First.Network.Listen(new IPEndPoint(IPAddress.Any, 8080), 5, 0);
        await using var connection = await _fixture.Network.ConnectFromHostAsync(FirstAddress, 8080);
        var read = connection.ReadAsync(new byte[1]).AsTask();
        _fixture.Network.Remove(FirstId);
        var failure = await Assert.ThrowsAsync<IOException>(() => read.WaitAsync(Support.Deadline.Default));
        Assert.Equal("Connection reset by peer", failure.Message);
    }

    public void Dispose() => _fixture.Dispose();

    /// <summary>Serves one line that names the peer, again and again.</summary>
    private static void Answer(EmulatedContainer container, int port, string text)
    {
        var listener = container.Network.Listen(new IPEndPoint(IPAddress.Any, port), 5, 0);
        _ = Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    await using var connection = new ConnectionStream(await listener.AcceptAsync(CancellationToken.None));
                    await connection.WriteAsync(Encoding.ASCII.GetBytes($"{text} from {connection.RemoteEndPoint.Address}"));
                }
            }
            catch (ErrnoException)
            {
                // The container is gone.
            }
        });
    }

    private Task<string> FetchAsync(IPAddress address, int port) => InAsync(_fixture.First, async process =>
    {
        var socket = await process.Container.Network.ConnectAsync(process, new IPEndPoint(address, port));
        process.Install(socket);
        var text = "";
        var buffer = new byte[256];
        while (await socket.ReadAsync(process, buffer) is > 0 and var count)
        {
            text += ByteText.FromBytes(buffer.AsSpan(0, count));
        }

        return text;
    });
}
