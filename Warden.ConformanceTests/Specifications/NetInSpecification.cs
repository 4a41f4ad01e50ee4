using System.Net;
using System.Net.Sockets;
using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Wire;
using Warden.Spec.Clauses;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>NetIn (§5).</summary>
public abstract class NetInSpecification(Target target) : Specification(target)
{
    [SkippableFact]
    [Clause("WRD-NETIN-001")]
    [Clause("WRD-NETIN-002")]
    [Clause("WRD-NETIN-003")]
    [Clause("WRD-NETIN-004")]
    [Clause("WRD-NETIN-005")]
    public async Task PortsAreThoseAskedForOrOfThePool()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var chosen = (ulong)Faker.Random.Int(10000, 20000);

        var (host, container) = await OpenAsync();
        Assert.Equal(host, container);
        Assert.InRange(host, 1024UL, 65000UL);

        var (second, asked) = await OpenAsync(("container_port", 8080));
        Assert.Equal(8080UL, asked);
        Assert.NotEqual(host, second);

        Assert.Equal((chosen, chosen), await OpenAsync(("host_port", chosen)));
        Assert.Equal((chosen + 1, 8082UL), await OpenAsync(("host_port", chosen + 1), ("container_port", 8082)));

        async Task<(ulong, ulong)> OpenAsync(params (string, object?)[] fields)
        {
            var answer = await connection.CallAsync("NetIn", [("handle", handle), .. fields]);
            return (answer.Number("host_port"), answer.Number("container_port"));
        }
    }

    [SkippableFact]
    [Clause("WRD-NETIN-007")]
    public async Task AConnectionToTheHostsPortReachesTheContainer()
    {
        Need(ClauseNeeds.LinuxKernel | ClauseNeeds.Root);
        var external = Server.ExternalAddress ?? Dns.GetHostAddresses(Dns.GetHostName()).FirstOrDefault(address =>
            address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));
        Skip.If(external is null, "the host has no external address");
        var (connection, handle) = await ConnectAndCreateAsync();
        var port = (int)(await connection.CallAsync("NetIn", ("handle", handle), ("container_port", 7000))).Number("host_port");
        await SpawnAsync(connection, handle, "while :; do echo from inside | nc -l -p 7000; done");

        await ExpectAnswerAsync("the host", () => Server.NewSocket(SocketType.Stream, ProtocolType.Tcp));
        if (Server.NewOutsideSocket(SocketType.Stream, ProtocolType.Tcp) is { } first)
        {
            first.Dispose();
            await ExpectAnswerAsync("the world outside", () => Server.NewOutsideSocket(SocketType.Stream, ProtocolType.Tcp)!);
        }

        Task ExpectAnswerAsync(string where, Func<Socket> newSocket) => Deadline.UntilAsync($"the container answers {where} at the host's port", async () =>
        {
            using var socket = newSocket();
            try
            {
                // A listener that has just taken another connection answers none: that one is given up.
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
                await socket.ConnectAsync(external!, port, patience.Token);
                using var reader = new StreamReader(new NetworkStream(socket));
                return await reader.ReadLineAsync(patience.Token) == "from inside";
            }
            catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException)
            {
                return false;
            }
        });
    }

    [SkippableFact]
    [Clause("WRD-NETIN-010")]
    [Clause("WRD-NETIN-011")]
    public async Task AForwardedPortIsTakenUnlessTheSamePairIsAskedForAgain()
    {
        var (connection, first) = await ConnectAndCreateAsync();
        var second = await CreateAsync(connection);
        var port = (ulong)Faker.Random.Int(20001, 30000);
        var pair = await PairAsync(connection, first, port, 8080);
        Assert.Equal((port, 8080UL), pair);

        Assert.Equal(pair, await PairAsync(connection, first, port, 8080));
        Assert.Equal($"host port already in use: {port}", await AskInVainAsync(connection, first, port, 8081));
        Assert.Equal($"host port already in use: {port}", await AskInVainAsync(connection, second, port, 8080));
        Assert.Equal($"host port already in use: {port}", await connection.FailAsync("NetIn", ("handle", second), ("host_port", port)));

        // The same for one that the pool gave.
        var given = (await connection.CallAsync("NetIn", ("handle", first))).Number("host_port");
        Assert.Equal($"host port already in use: {given}", await AskInVainAsync(connection, second, given, given));
        Assert.Equal((given, given), await PairAsync(connection, first, given, given));

        await connection.CallAsync("Destroy", ("handle", first));
        Assert.Equal(pair, await PairAsync(connection, second, port, 8080));
    }

    [SkippableFact]
    [Clause("WRD-NETIN-012")]
    public async Task APortThatWasAskedForIsNotHandedOut()
    {
        await StartServerAsync("port: { pool_start_port: 62000, pool_size: 1000 }");
        var (connection, first) = await ConnectAndCreateAsync();
        var second = await CreateAsync(connection);
        Assert.Equal((62001UL, 80UL), await PairAsync(connection, first, 62001, 80));

        foreach (var expected in (ulong[])[62000, 62002])
        {
            Assert.Equal(expected, (await connection.CallAsync("NetIn", ("handle", second))).Number("host_port"));
        }
    }

    [SkippableTheory]
    [Clause("WRD-NETIN-013")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AForwardedPortIsTakenAfterARestart(bool crash)
    {
        await StartServerAsync("port: { pool_start_port: 62000, pool_size: 1000 }");
        var (connection, first) = await ConnectAndCreateAsync();
        var second = await CreateAsync(connection);
        var beside = (ulong)Faker.Random.Int(20001, 30000);
        foreach (var port in (ulong[])[beside, 62001])
        {
            await PairAsync(connection, first, port, 80);
        }

        await Server.RestartAsync(crash);
        connection = await ConnectAsync();
        foreach (var port in (ulong[])[beside, 62001])
        {
            Assert.Equal($"host port already in use: {port}", await AskInVainAsync(connection, second, port, 80));
            Assert.Equal((port, 80UL), await PairAsync(connection, first, port, 80));
        }

        await connection.CallAsync("Destroy", ("handle", first));
        foreach (var port in (ulong[])[beside, 62001])
        {
            Assert.Equal((port, 81UL), await PairAsync(connection, second, port, 81));
        }
    }

    private static async Task<(ulong Host, ulong Container)> PairAsync(WireConnection connection, string handle, ulong host, ulong container)
    {
        var answer = await connection.CallAsync("NetIn", ("handle", handle), ("host_port", host), ("container_port", container));
        return (answer.Number("host_port"), answer.Number("container_port"));
    }

    private static Task<string> AskInVainAsync(WireConnection connection, string handle, ulong host, ulong container) =>
        connection.FailAsync("NetIn", ("handle", handle), ("host_port", host), ("container_port", container));
}
