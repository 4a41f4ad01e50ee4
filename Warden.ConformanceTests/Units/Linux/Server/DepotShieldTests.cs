using Warden.ConformanceTests.Support;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Server;

/// <summary>The mount of the depot onto itself, which keeps set-user-id programs of containers from the host's users.</summary>
public sealed class DepotShieldTests : LinuxServerTests
{
    [SkippableFact]
    public async Task The_depot_is_mounted_with_nosuid_and_nodev_once_however_often_a_server_starts()
    {
        await using (var connection = await StartAsync())
        {
            await CreateAsync(connection, ("handle", "kept"));
        }

        var first = await MountsAsync();
        Assert.Contains("nosuid,nodev", first[^1], StringComparison.Ordinal);
        foreach (var crash in (bool[])[false, true])
        {
            await (crash ? Server.CrashAsync() : Server.DrainAsync());
            Assert.Equal(first, await MountsAsync());
            await Server.StartAsync();
            Assert.Equal(first, await MountsAsync());
        }

        await using (var connection = await Server.ConnectAsync())
        {
            Assert.Equal("alive\n", await OutputAsync(connection, "kept", "echo alive"));
            await connection.CallAsync("Destroy", ("handle", "kept"));
        }

        await Server.DrainAsync();
        var (status, output, error) = await Server.CommandAsync("teardown", "--yes", "--config", Server.ConfigurationPath);
        Assert.True(status == 0, output + error);
        Assert.Equal(first[..^1], await MountsAsync());
    }

    [SkippableFact]
    public async Task Files_of_a_container_are_removed_whatever_it_wrote_beneath_the_mount()
    {
        await using var connection = await StartAsync();
        var handle = await CreateAsync(connection);
        var path = Server.PathOf(await PathAsync(connection, handle));
        await OutputAsync(connection, handle, "mkdir -p /opt/a/b; mknod /opt/a/n c 1 3; chmod 0 /opt/a; chattr +i /opt/a 2> /dev/null || true", privileged: true);
        await connection.CallAsync("Destroy", ("handle", handle));

        await Deadline.UntilAsync("the directory is gone", () => Task.FromResult(!Directory.Exists(path)));
    }

    /// <summary>The mounts at the depot on the server's host, from the lowest to the uppermost: their options.</summary>
    private async Task<string[]> MountsAsync() =>
        [.. (await Server.Host.RunAsync("cat", "/proc/self/mountinfo")).Split('\n').Select(line => line.Split(' '))
            .Where(fields => fields.Length > 5 && fields[4] == Server.Host.Depot).Select(fields => fields[5])];
}
