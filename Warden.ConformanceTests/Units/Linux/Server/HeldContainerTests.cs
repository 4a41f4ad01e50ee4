using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Server;

/// <summary>Containers whose processes, init or monitor somebody has stopped or frozen.</summary>
public sealed class HeldContainerTests : LinuxServerTests
{
    /// <summary>Ten seconds of TERM, and what the end takes on a busy machine.</summary>
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(25);

    public static TheoryData<string> Holds => ["init", "monitor", "both", "v1", "v2", "nested", "frozen and stopped"];

    [SkippableTheory]
    [MemberData(nameof(Holds))]
    public async Task Destroy_ends_a_container_that_is_held(string hold)
    {
        await using var connection = await StartAsync();
        var handle = await CreateAsync(connection);
        var job = (await connection.CallAsync("Spawn", ("handle", handle), ("script", "sleep 1000"))).Number("job_id");
        await using var linker = await Server.ConnectAsync();
        await linker.SendAsync("Link", ("handle", handle), ("job_id", job));
        await HoldAsync(await PathAsync(connection, handle), hold);

        Assert.Equal("active", (await connection.CallAsync("Info", ("handle", handle))).Text("state"));
        var watch = Stopwatch.StartNew();
        await connection.CallAsync("Destroy", ("handle", handle)).WaitAsync(LongestEnd);
        Assert.Equal(255UL, (await linker.ReadAsync("Link")).Number("exit_status"));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, LongestEnd);
        await NothingIsLeftAsync();
    }

    [SkippableTheory]
    [MemberData(nameof(Holds))]
    public async Task Stop_with_kill_ends_the_jobs_of_a_container_that_is_held(string hold)
    {
        await using var connection = await StartAsync();
        var handle = await CreateAsync(connection);
        var job = (await connection.CallAsync("Spawn", ("handle", handle), ("script", "sleep 1000"))).Number("job_id");
        await HoldAsync(await PathAsync(connection, handle), hold);

        await connection.CallAsync("Stop", ("handle", handle), ("kill", true)).WaitAsync(LongestEnd);
        Assert.Equal(255UL, (await connection.CallAsync("Link", ("handle", handle), ("job_id", job))).Number("exit_status"));
        await connection.CallAsync("Destroy", ("handle", handle)).WaitAsync(LongestEnd);
    }

    [SkippableTheory]
    [InlineData("init")]
    [InlineData("monitor")]
    public async Task A_job_is_refused_where_init_or_monitor_does_not_answer(string hold)
    {
        await using var connection = await StartAsync();
        var handle = await CreateAsync(connection);
        await HoldAsync(await PathAsync(connection, handle), hold);

        await connection.SendAsync("Run", ("handle", handle), ("script", "true"));
        var reply = await connection.ReadAsync().WaitAsync(LongestEnd);
        Assert.True(reply.IsError, "the job was started");
        Assert.Contains("does not answer", reply.Message.Text("message"), StringComparison.Ordinal);
        await connection.CallAsync("Destroy", ("handle", handle)).WaitAsync(LongestEnd);
    }

    private async Task HoldAsync(string path, string hold)
    {
        var init = await ProcessAsync(path, "init.pid");
        var monitor = await ProcessAsync(path, "monitor.pid");
        if (hold is "v1" or "v2" or "nested" or "frozen and stopped")
        {
            // The host numbers its processes by itself; a group is joined by this machine's numbers. Init is the monitor's child.
            var found = Server.Host.Find(int.Parse(monitor, CultureInfo.InvariantCulture));
            var children = await File.ReadAllTextAsync($"/proc/{found}/task/{found}/children");
            await FreezeAsync(int.Parse(children.Split(' ')[0], CultureInfo.InvariantCulture), hold, Path.GetFileName(path));
        }

        if (hold is "init" or "both" or "frozen and stopped")
        {
            await Server.Host.RunAsync("kill", "-STOP", init);
        }

        if (hold is "monitor" or "both" or "frozen and stopped")
        {
            await Server.Host.RunAsync("kill", "-STOP", monitor);
        }
    }

    private static async Task FreezeAsync(int init, string hold, string id)
    {
        var version1 = Group(init, ":freezer:", "/sys/fs/cgroup/freezer");
        var version2 = Group(init, "0::", Directory.Exists("/sys/fs/cgroup/unified") ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup");
        Skip.If(hold == "v1" && version1 is null, "there is no freezer of cgroup v1");
        Skip.If(hold == "v2" && version2 is null, "there is no cgroup v2");
        var isVersion1 = hold != "v2" && version1 is not null;
        var group = isVersion1 ? version1 : version2;
        Assert.True(group is not null, "the container is in no group that can be frozen");

        // Whatever else happens, no group but the container's own is frozen: the machine is others' too.
        Assert.Contains(id, group, StringComparison.Ordinal);
        if (hold == "nested")
        {
            group = Directory.CreateDirectory($"{group}/nested").FullName;
            await File.WriteAllTextAsync($"{group}/cgroup.procs", $"{init}");
        }

        await File.WriteAllTextAsync($"{group}/{(isVersion1 ? "freezer.state" : "cgroup.freeze")}", isVersion1 ? "FROZEN" : "1");
    }

    /// <summary>The group of a container's init as this machine mounts it; null where there is none, or init is in the root group.</summary>
    private static string? Group(int process, string marker, string mount)
    {
        var line = File.ReadLines($"/proc/{process}/cgroup").FirstOrDefault(line => line.Contains(marker, StringComparison.Ordinal));
        var path = line?[(line.LastIndexOf(':') + 1)..];
        return path is null or "/" || !Directory.Exists(mount + path) ? null : mount + path;
    }
}
