using System.Net;
using System.Text;
using Warden.Emulator.Network;
using Warden.Spec.Backend;
using Xunit;
using static Warden.ConformanceTests.Units.Network.NetworkFixture;

namespace Warden.ConformanceTests.Units.Network;

public sealed class ProgramTests : IDisposable
{
    private readonly NetworkFixture _fixture = new();

    [Fact]
    public async Task NetcatRelaysBothWaysAndAListenerEndsWithItsPeer()
    {
        var listening = RunAsync(_fixture.First, "from inside\n", "nc", "-l", "-p", "7000");
        await using var connection = await ConnectAsync(7000);
        var line = new byte["from inside\n".Length];
        await connection.ReadExactlyAsync(line).AsTask().WaitAsync(Support.Deadline.Default);
        Assert.Equal("from inside\n", Encoding.ASCII.GetString(line));
        await connection.WriteAsync(Encoding.ASCII.GetBytes("from the host\n"));
        connection.ShutdownWrite();
        Assert.Equal("", await ReadToEndAsync(connection));
        Assert.Equal((0, "from the host\n", ""), await listening);
    }

    [Fact]
    public async Task NetcatScansAndSaysHowItWent()
    {
        _fixture.First.Network.Listen(new IPEndPoint(IPAddress.Any, 7001), 5, 0);
        Assert.Equal(
            (0, "", "nc: connect to 127.0.0.1 port 7000 (tcp) failed: Connection refused\nConnection to 127.0.0.1 7001 port [tcp/*] succeeded!\n"),
            await RunAsync(_fixture.First, "", "nc", "-zv", "127.0.0.1", "7000-7001"));
        Assert.Equal((1, "", ""), await RunAsync(_fixture.First, "", "nc", "-z", "203.0.113.1", "80"));
        Assert.Equal(
            (1, "", "nc: getaddrinfo for host \"nope.example\" port 80: Temporary failure in name resolution\n"),
            await RunAsync(_fixture.First, "", "nc", "nope.example", "80"));
        Assert.Equal((1, "", "nc: missing port number\n"), await RunAsync(_fixture.First, "", "nc", "-l"));
    }

    [Fact]
    public async Task NetcatEndsWithItsInputOrItsTimeout()
    {
        _fixture.Network.Open(FirstId, Rule("203.0.113.1", protocol: NetProtocol.All));
        Assert.Equal((0, "echo", ""), await RunAsync(_fixture.First, "echo", "nc", "-N", "203.0.113.1", "7"));
        Assert.Equal((0, "echo", ""), await RunAsync(_fixture.First, "echo", "nc", "-u", "-w", "1", "203.0.113.1", "7"));
    }

    [Fact]
    public async Task ANetcatThatKeepsListeningServesOneAfterTheOther()
    {
        var listening = RunAsync(_fixture.First, "once", "nc", "-lk", "7000", "-W", "9");
        await using (var first = await ConnectAsync(7000))
        {
            // A peer that ends first may be gone before the input is there.
            var greeting = new byte[4];
            await first.ReadExactlyAsync(greeting).AsTask().WaitAsync(Support.Deadline.Default);
            Assert.Equal("once", Encoding.ASCII.GetString(greeting));
            first.ShutdownWrite();
            Assert.Equal("", await ReadToEndAsync(first));
        }

        await using (var second = await ConnectAsync(7000))
        {
            await second.WriteAsync(Encoding.ASCII.GetBytes("b"));
            second.ShutdownWrite();
            Assert.Equal("", await ReadToEndAsync(second));
        }

        Assert.False(listening.IsCompleted);
        await InAsync(_fixture.First, process =>
        {
            process.Kill(-1, Emulator.Machine.Signal.TERM);
            return ValueTask.FromResult(0);
        });
        Assert.Equal(Emulator.Machine.Errno.ECONNREFUSED, await FailureOfAsync(async () =>
        {
            while (true)
            {
                await using var late = await _fixture.Network.ConnectFromHostAsync(FirstAddress, 7000);
            }
        }));
    }

    [Fact]
    public async Task PingAnswersOrNamesTheRejection()
    {
        var (status, output, _) = await RunAsync(_fixture.First, "", "ping", "-c", "1", "203.0.113.1");
        Assert.Equal(1, status);
        Assert.StartsWith(
            "PING 203.0.113.1 (203.0.113.1) 56(84) bytes of data.\nFrom 10.254.0.1 icmp_seq=1 Destination Port Unreachable\n\n"
            + "--- 203.0.113.1 ping statistics ---\n1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms\n\n",
            output, StringComparison.Ordinal);

        (status, output, _) = await RunAsync(_fixture.First, "", "ping", "-c", "2", "-i", "0.01", "localhost");
        Assert.Equal(0, status);
        Assert.Contains("64 bytes from localhost (127.0.0.1): icmp_seq=2 ttl=64 time=", output, StringComparison.Ordinal);
        Assert.Contains("2 packets transmitted, 2 received, 0% packet loss, time ", output, StringComparison.Ordinal);
        Assert.Equal(
            (2, "", "ping: nope.example: Temporary failure in name resolution\n"), await RunAsync(_fixture.First, "", "ping", "nope.example"));
    }

    [Fact]
    public async Task CurlFetchesAndItsStatusTellsWhatFailed()
    {
        _fixture.Network.Open(FirstId, Rule("203.0.113.0", "203.0.113.255"));
        var (status, output, messages) = await RunAsync(_fixture.First, "", "curl", "-s", "-w", "%{http_code}", "http://203.0.113.1/");
        Assert.Equal((0, ""), (status, messages));
        Assert.EndsWith("It works!</body></html>\n200", output, StringComparison.Ordinal);
        Assert.Equal(
            (22, "", "curl: (22) The requested URL returned error: 404\n"), await RunAsync(_fixture.First, "", "curl", "-sSf", "http://203.0.113.1/none"));
        Assert.Equal((6, "", "curl: (6) Could not resolve host: nope.example\n"), await RunAsync(_fixture.First, "", "curl", "-sS", "nope.example"));
        Assert.Equal(7, (await RunAsync(_fixture.First, "", "curl", "-s", "http://198.51.100.1/")).Status);
    }

    [Fact]
    public async Task WgetSavesAndPrints()
    {
        _fixture.Network.Open(FirstId, Rule("203.0.113.0", "203.0.113.255"));
        Assert.Equal((0, "<html><body>It works!</body></html>\n", ""), await RunAsync(_fixture.First, "", "wget", "-q", "-O", "-", "http://203.0.113.1/"));
        Assert.Equal((8, "", ""), await RunAsync(_fixture.First, "", "wget", "-q", "http://203.0.113.1/none"));
        var (status, _, messages) = await RunAsync(_fixture.First, "", "wget", "http://198.51.100.1/");
        Assert.Equal(4, status);
        Assert.EndsWith("Connecting to 198.51.100.1:80... failed: Connection refused.\n", messages, StringComparison.Ordinal);
    }

    [Fact]
    public async Task IpAndSsShowTheContainersNetwork()
    {
        Assert.Equal(
            (0, $"default via 10.254.0.1 dev w-{FirstId}-1 \n10.254.0.0/30 dev w-{FirstId}-1 proto kernel scope link src 10.254.0.2 \n", ""),
            await RunAsync(_fixture.First, "", "ip", "route"));
        var (_, addresses, _) = await RunAsync(_fixture.First, "", "ip", "-o", "addr", "show");
        Assert.Contains($"    inet 10.254.0.2/30 scope global w-{FirstId}-1\\ ", addresses, StringComparison.Ordinal);
        _fixture.First.Network.Listen(new IPEndPoint(IPAddress.Any, 8080), 1, 0);
        Assert.Equal(
            (0, "State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n"
                + "LISTEN 0      1            0.0.0.0:8080      0.0.0.0:*          \n", ""),
            await RunAsync(_fixture.First, "", "ss", "-tln"));
    }

    public void Dispose() => _fixture.Dispose();

    private async Task<ConnectionStream> ConnectAsync(int port)
    {
        for (var started = Environment.TickCount64; ; await Task.Yield())
        {
            try
            {
                return await _fixture.Network.ConnectFromHostAsync(FirstAddress, port);
            }
            catch (Emulator.Machine.ErrnoException) when (Environment.TickCount64 - started < Support.Deadline.Default.TotalMilliseconds)
            {
                // The listener is on its way.
            }
        }
    }
}
