using Warden.ConformanceTests.Support;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Server;

/// <summary><c>warden teardown</c> on a host that is full of containers.</summary>
public sealed class TeardownTests : LinuxServerTests
{
    [SkippableFact]
    public async Task NothingOfOursIsLeftAndWhatIsNotOursStays()
    {
        await using var connection = await StartAsync("network: { allow_networks: [203.0.113.0/24], deny_networks: [203.0.113.9/32] }");
        await Server.Host.RunAsync("nft", "add table ip other; add chain ip other c { type filter hook input priority 5; }; add rule ip other c counter");
        var foreign = Server.PathOf($"{Server.Host.Depot}/not-a-container");
        Directory.CreateDirectory(foreign);
        foreach (var name in (string[])["one", "two", "three"])
        {
            var handle = await CreateAsync(connection, ("handle", name));
            await connection.CallAsync("NetIn", ("handle", handle));
            await connection.CallAsync("NetOut", ("handle", handle), ("network", "203.0.113.0/24"), ("protocol", 3));
            await connection.CallAsync("LimitBandwidth", ("handle", handle), ("rate", 100000), ("burst", 20000));
            await connection.CallAsync("LimitMemory", ("handle", handle), ("limit_in_bytes", 100 << 20));
            await connection.CallAsync("Spawn", ("handle", handle), ("script", "sleep 1000"));
        }

        await Server.DrainAsync();
        var (status, output, error) = await Server.CommandAsync("teardown", "--yes", "--config", Server.ConfigurationPath);

        Assert.True(status == 0, output + error);
        IReadOnlyList<string> left = [];
        try
        {
            // What was killed is there until the host's first process has reaped it.
            await Deadline.UntilAsync("nothing else is left", async () => (left = await Server.LeftAsync()).Count == 1);
        }
        catch (TimeoutException)
        {
            // What is left is told below.
        }

        Assert.Equal([$"file {Server.Host.Depot}/not-a-container"], left);
        var rules = await Server.Host.RunAsync("nft", "list", "ruleset");
        Assert.Contains("table ip other", rules, StringComparison.Ordinal);
        Assert.DoesNotContain("warden", rules, StringComparison.Ordinal);
        Assert.DoesNotContain(Server.Host.Groups.Descendants(), path => path.EndsWith("/warden", StringComparison.Ordinal));
        Directory.Delete(foreign);
        (status, output, error) = await Server.CommandAsync("teardown", "--yes", "--config", Server.ConfigurationPath);
        Assert.True(status == 0, output + error);
    }
}
