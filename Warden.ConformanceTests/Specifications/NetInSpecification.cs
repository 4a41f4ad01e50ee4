using System.Net;
using System.Net.Sockets;
using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Targets;
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
}
