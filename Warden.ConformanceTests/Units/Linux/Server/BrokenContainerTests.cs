using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Wire;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Server;

/// <summary>Containers of which something was killed or taken away behind the server's back.</summary>
public sealed class BrokenContainerTests : LinuxServerTests
{
    [SkippableTheory]
    [InlineData("init.pid")]
    [InlineData("monitor.pid")]
    public async Task WhoseProcessWasKilledIsStoppedOrGoneAndItsJobIsAnswered(string process)
    {
        await using var connection = await StartAsync();
        var handle = await CreateAsync(connection);
        var job = (await connection.CallAsync("Spawn", ("handle", handle), ("script", "sleep 1000"))).Number("job_id");
        await using var linker = await Server.ConnectAsync();
        await linker.SendAsync("Link", ("handle", handle), ("job_id", job));
        await Server.Host.RunAsync("kill", "-KILL", await ProcessAsync(await PathAsync(connection, handle), process));

        var reply = await linker.ReadAsync();
        Assert.True(reply.IsError || reply.Message.Number("exit_status") == 255, $"{reply.Message}");
        await ExpectUnusableAsync(connection, handle);
        await connection.SendAsync("Destroy", ("handle", handle));
        await connection.ReadAsync();
        Assert.Empty((await connection.CallAsync("List")).Texts("handles"));
        await NothingIsLeftAsync();
        Assert.Equal("fine\n", await OutputAsync(connection, await CreateAsync(connection, ("handle", handle)), "echo fine"));
    }

    [SkippableTheory]
    [InlineData("init.pid")]
    [InlineData("monitor.pid")]
    public async Task WhoseProcessWasKilledWithoutAServerKeepsNoneFromStarting(string process)
    {
        await using var connection = await StartAsync();
        var broken = await CreateAsync(connection);
        var whole = await CreateAsync(connection);
        var path = await PathAsync(connection, broken);
        await Server.CrashAsync();
        await Server.Host.RunAsync("kill", "-KILL", await ProcessAsync(path, process));
        await Server.StartAsync();

        await using var after = await Server.ConnectAsync();
        Assert.Equal("fine\n", await OutputAsync(after, whole, "echo fine"));
        if ((await after.CallAsync("List")).Texts("handles").Contains(broken))
        {
            await ExpectUnusableAsync(after, broken);
            await after.CallAsync("Destroy", ("handle", broken));
        }

        await after.CallAsync("Destroy", ("handle", whole));
        await NothingIsLeftAsync();
    }

    [SkippableFact]
    public async Task WhatWasHalfMadeIsRemovedAndWhatIsNotOursStays()
    {
        await using var connection = await StartAsync();
        var handle = await CreateAsync(connection);
        await Server.DrainAsync();
        var depot = Server.PathOf(Server.Host.Depot);
        var half = Directory.CreateDirectory($"{depot}/0123456789a").FullName;
        await File.WriteAllTextAsync($"{half}/.warden-container", "");
        var unmarked = Directory.CreateDirectory($"{depot}/0123456789b").FullName;
        await File.WriteAllTextAsync($"{unmarked}/file", "");
        await Server.StartAsync();

        await using var after = await Server.ConnectAsync();
        Assert.Equal([handle], (await after.CallAsync("List")).Texts("handles"));
        await Deadline.UntilAsync("the half-made one is gone", () => Task.FromResult(!Directory.Exists(half)));
        Assert.True(File.Exists($"{unmarked}/file"));
        Directory.Delete(unmarked, true);
    }

    [SkippableFact]
    public async Task AContainerOfAMovedDepotIsRecovered()
    {
        await using var connection = await StartAsync();
        var handle = await CreateAsync(connection);
        await connection.CallAsync("Spawn", ("handle", handle), ("script", "while ! test -e /tmp/go; do sleep 0.02; done; echo moved; exit 7"));
        await Server.DrainAsync();
        var depot = Server.Host.Depot;
        Directory.Move(Server.PathOf(depot), Server.PathOf($"{depot}-moved"));
        var configuration = await File.ReadAllTextAsync(Server.ConfigurationPath);
        await File.WriteAllTextAsync(Server.ConfigurationPath, configuration.Replace(depot, $"{depot}-moved", StringComparison.Ordinal));
        await Server.StartAsync();

        await using var after = await Server.ConnectAsync();
        Assert.StartsWith($"{depot}-moved/", await PathAsync(after, handle));
        await OutputAsync(after, handle, "touch /tmp/go");
        var result = await after.CallAsync("Link", ("handle", handle), ("job_id", 1));
        Assert.Equal((7UL, "moved\n"), (result.Number("exit_status"), result.Text("stdout")));
        Assert.True(File.Exists(Server.PathOf($"{await PathAsync(after, handle)}/tmp/rootfs/tmp/go")));
        await after.CallAsync("Destroy", ("handle", handle));
        Assert.Empty(Directory.EnumerateDirectories(Server.PathOf($"{depot}-moved")));
    }

    private static Task ExpectUnusableAsync(WireConnection connection, string handle) =>
        Deadline.UntilAsync("the container is told to be stopped, or gone", async () =>
        {
            await connection.SendAsync("Info", ("handle", handle));
            var info = await connection.ReadAsync();
            return info.IsError || info.Message.Text("state") == "stopped";
        });
}
