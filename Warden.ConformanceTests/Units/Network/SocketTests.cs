using System.Net;
using Microsoft.Extensions.Time.Testing;
using Warden.Emulator.Machine;
using Warden.Emulator.Network;
using Warden.Spec.Backend;
using Xunit;
using static Warden.ConformanceTests.Units.Network.NetworkFixture;

namespace Warden.ConformanceTests.Units.Network;

public sealed class SocketTests : IDisposable
{
    private static readonly TimeSpan Deadline = Support.Deadline.Default;
    private readonly NetworkFixture _fixture = new();

    [Fact]
    public async Task APortInUseIsRefusedAndAPrivilegedOneNeedsRoot()
    {
        await InAsync(_fixture.First, process =>
        {
            var network = process.Container.Network;
            var first = network.Listen(process, new IPEndPoint(IPAddress.Loopback, 7000));
            Assert.Equal(Errno.EADDRINUSE, Fails(() => network.Listen(process, new IPEndPoint(IPAddress.Any, 7000))));
            Assert.Equal(Errno.EADDRNOTAVAIL, Fails(() => network.Listen(process, new IPEndPoint(SecondAddress, 7001))));
            network.Bind(process, new IPEndPoint(IPAddress.Any, 7000));
            process.Close(process.Install(first));
            network.Listen(process, new IPEndPoint(IPAddress.Any, 7000));
            network.Listen(process, new IPEndPoint(IPAddress.Any, 80));
            Assert.InRange(network.Listen(process, new IPEndPoint(IPAddress.Any, 0)).LocalEndPoint.Port, 32768, 60999);
            return ValueTask.FromResult(0);
        });
        await InAsync(
            _fixture.First,
            process =>
            {
                var network = process.Container.Network;
                Assert.Equal(Errno.EACCES, Fails(() => network.Listen(process, new IPEndPoint(IPAddress.Any, 81))));
                Assert.Equal(Errno.EACCES, Fails(() => network.Bind(process, new IPEndPoint(IPAddress.Any, 81))));
                return ValueTask.FromResult(0);
            },
            10000);
    }

    [Fact]
    public async Task LoopbackIsPrivateToItsContainer()
    {
        _fixture.First.Network.Listen(new IPEndPoint(IPAddress.Loopback, 7000), 5, 0);
        Assert.Equal((Errno)0, await ConnectAsync(_fixture.First, IPAddress.Loopback));
        Assert.Equal(Errno.ECONNREFUSED, await ConnectAsync(_fixture.First, FirstAddress));
        Assert.Equal(Errno.ECONNREFUSED, await ConnectAsync(_fixture.Second, IPAddress.Loopback));
    }

    [Fact]
    public async Task AHalfClosedConnectionStillCarriesTheOtherDirection()
    {
        var (client, server) = await PairAsync();
        client.ShutdownWrite();
        Assert.Equal(0, await server.ReceiveAsync(new byte[4], default));
        await server.SendAsync("late"u8.ToArray(), default);
        Assert.Equal(4, await client.ReceiveAsync(new byte[4], default));
        Assert.Equal(Errno.EPIPE, await FailureOfAsync(async () => await client.SendAsync("x"u8.ToArray(), default)));
    }

    [Fact]
    public async Task ClosingWithUnreadDataResetsTheConnection()
    {
        var (client, server) = await PairAsync();
        await client.SendAsync("unread"u8.ToArray(), default);
        server.Close();
        Assert.Equal(Errno.ECONNRESET, await FailureOfAsync(async () => await client.ReceiveAsync(new byte[4], default)));
        Assert.Equal(0, await client.ReceiveAsync(new byte[4], default));
        Assert.Equal(Errno.EPIPE, await FailureOfAsync(async () => await client.SendAsync("x"u8.ToArray(), default)));
    }

    [Fact]
    public async Task TheFirstWriteToAClosedPeerIsLostAndTheSecondFails()
    {
        var (client, server) = await PairAsync();
        server.Close();
        await client.SendAsync("lost"u8.ToArray(), default);
        Assert.Equal(Errno.EPIPE, await FailureOfAsync(async () => await client.SendAsync("x"u8.ToArray(), default)));
        Assert.Equal(0, await client.ReceiveAsync(new byte[4], default));
    }

    [Fact]
    public async Task AFullWindowHoldsTheSenderUntilThereIsRoom()
    {
        var (client, server) = await PairAsync();
        var data = new byte[1_000_000];
        Support.Seed.For(nameof(AFullWindowHoldsTheSenderUntilThereIsRoom)).Random.Bytes(data.Length).CopyTo(data, 0);
        var sending = client.SendAsync(data, default).AsTask();
        Assert.False(sending.IsCompleted);
        var received = new MemoryStream();
        var buffer = new byte[70_000];
        while (received.Length < data.Length)
        {
            received.Write(buffer, 0, await server.ReceiveAsync(buffer, default).AsTask().WaitAsync(Deadline));
        }

        await sending.WaitAsync(Deadline);
        Assert.Equal(data, received.ToArray());
    }

    [Fact]
    public async Task ACallerWhoFindsTheBacklogFullWaitsForRoom()
    {
        var listener = _fixture.First.Network.Listen(new IPEndPoint(IPAddress.Any, 7000), 1, 0);
        await using var first = await _fixture.Network.ConnectFromHostAsync(FirstAddress, 7000);
        await using var second = await _fixture.Network.ConnectFromHostAsync(FirstAddress, 7000);
        var third = _fixture.Network.ConnectFromHostAsync(FirstAddress, 7000).AsTask();
        Assert.False(third.IsCompleted);
        await listener.AcceptAsync(CancellationToken.None);
        await using var connection = await third.WaitAsync(Deadline);
        listener.Close();
        await Assert.ThrowsAsync<IOException>(() => connection.ReadAsync(new byte[1]).AsTask().WaitAsync(Deadline));
    }

    [Fact]
    public async Task ALimitDelaysEachDirectionToItsRate()
    {
        var clock = new FakeTimeProvider();
        using var fixture = new NetworkFixture(clock);
        var listener = fixture.First.Network.Listen(new IPEndPoint(IPAddress.Any, 7000), 5, 0);
        await using var host = await fixture.Network.ConnectFromHostAsync(FirstAddress, 7000);
        var inside = await listener.AcceptAsync(CancellationToken.None);
        fixture.Network.Limit(FirstId, new BandwidthLimit(10_000, 2_000));
        foreach (var outward in new[] { true, false })
        {
            var started = clock.GetTimestamp();
            var sending = outward ? inside.SendAsync(new byte[12_000], default).AsTask() : host.WriteAsync(new byte[12_000]).AsTask();
            while (!sending.IsCompleted)
            {
                clock.Advance(TimeSpan.FromMilliseconds(5));
                await Task.Yield();
            }

            // The burst goes at once, the rest at the rate.
            Assert.True(clock.GetElapsedTime(started) >= TimeSpan.FromSeconds(1), $"took {clock.GetElapsedTime(started)}");
        }

        fixture.Network.Limit(FirstId, null);
        var sent = inside.SendAsync(new byte[12_000], default).AsTask();
        Assert.True(sent.IsCompletedSuccessfully);
    }

    public void Dispose() => _fixture.Dispose();

    private static Errno Fails(Action action) => Assert.Throws<ErrnoException>(action).Errno;

    private static Task<Errno> ConnectAsync(EmulatedContainer container, IPAddress address) => FailureOfAsync(() => InAsync(container, async process =>
    {
        process.Install(await process.Container.Network.ConnectAsync(process, new IPEndPoint(address, 7000)));
        return 0;
    }));

    private async Task<(TcpSocket Client, TcpSocket Server)> PairAsync()
    {
        var listener = _fixture.First.Network.Listen(new IPEndPoint(IPAddress.Any, 7000), 5, 0);
        var client = await _fixture.Network.ConnectAsync(_fixture.First.Network, new IPEndPoint(IPAddress.Loopback, 7000), null, null, default);
        return (client, await listener.AcceptAsync(CancellationToken.None));
    }
}
