using System.Collections.Concurrent;
using Warden.ConformanceTests.Targets;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>Many servers at once, each of which must be alone with its container.</summary>
internal static class ManyServers
{
    public static async Task ExpectApartAsync(IReadOnlyList<WardenServer> servers)
    {
        await EachAsync(servers, async (server, index) =>
        {
            await using var connection = await server.ConnectAsync();
            Assert.Equal("same", (await connection.CallAsync("Create", ("handle", "same"))).Text("handle"));
            await connection.CallAsync("Run", ("handle", "same"), ("script", $"echo {index} > /tmp/index"));
            await connection.CallAsync("NetIn", ("handle", "same"), ("host_port", 8080));
        });
        var addresses = new ConcurrentBag<string>();
        await EachAsync(servers, async (server, index) =>
        {
            await using var connection = await server.ConnectAsync();
            Assert.Equal(["same"], (await connection.CallAsync("List")).Texts("handles"));
            var info = await connection.CallAsync("Info", ("handle", "same"));
            addresses.Add(info.Text("host_ip"));
            var result = await connection.CallAsync("Run", ("handle", "same"), ("script", "cat /tmp/index"));
            Assert.Equal($"{index}\n", result.Text("stdout"));
            await connection.CallAsync("Destroy", ("handle", "same"));
        });

        // Each server has given the first network of a pool of its own.
        Assert.Single(addresses.Distinct());
    }

    /// <summary>All servers live, and a few at a time are asked: each has its first request to compile for.</summary>
    private static Task EachAsync(IReadOnlyList<WardenServer> servers, Func<WardenServer, int, Task> ask) => Parallel.ForEachAsync(
        servers.Index(), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (entry, _) => await ask(entry.Item, entry.Index));
}
