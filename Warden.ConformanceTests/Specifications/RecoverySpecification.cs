using System.Text.Json;
using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Targets;
using Warden.Spec.Clauses;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>Snapshots and recovery of containers (§6).</summary>
public abstract class RecoverySpecification(Target target) : Specification(target)
{
    [SkippableTheory]
    [Clause("WRD-RECOVER-001")]
    [Clause("WRD-RECOVER-002")]
    [Clause("WRD-RECOVER-008")]
    [Clause("WRD-RECOVER-010")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AContainerIsAfterARestartWhatItWas(bool crash)
    {
        await StartServerAsync();
        var (connection, handle) = await ConnectAndCreateAsync(("handle", "kept é"));
        await OutputAsync(connection, handle, "echo content > /tmp/file");
        await SpawnAsync(connection, handle, "while :; do sleep 0.1; done");
        var before = await InfoAsync(connection, handle);
        await Server.RestartAsync(crash);

        connection = await ConnectAsync();
        var after = await InfoAsync(connection, handle);
        foreach (var field in (string[])["state", "host_ip", "container_ip", "container_path"])
        {
            Assert.Equal(before.Text(field), after.Text(field));
        }

        Assert.Equal(before.Numbers("job_ids"), after.Numbers("job_ids"));
        Assert.Equal("container with handle: kept é already exists.", await connection.FailAsync("Create", ("handle", handle)));
        Assert.Equal("content\n", await OutputAsync(connection, handle, "cat /tmp/file"));
        await connection.CallAsync("NetIn", ("handle", handle));
        await connection.CallAsync("Destroy", ("handle", handle));
        Assert.Empty((await connection.CallAsync("List")).Texts("handles"));
        await CreateAsync(connection, ("handle", handle));
    }

    [SkippableTheory]
    [Clause("WRD-RECOVER-003")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EventsAreKept(bool crash)
    {
        await StartServerAsync("server: { job_output_limit: 1000 }");
        var (connection, handle) = await ConnectAndCreateAsync();
        await RunAsync(connection, handle, "head -c 5000 /dev/zero; sleep 100");
        Assert.Single((await InfoAsync(connection, handle)).Texts("events"));
        await Server.RestartAsync(crash);

        Assert.Equal(["command exceeded maximum output"], (await InfoAsync(await ConnectAsync(), handle)).Texts("events"));
    }

    [SkippableTheory]
    [Clause("WRD-RECOVER-004")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AStoppedContainerStaysStopped(bool crash)
    {
        await StartServerAsync();
        var (connection, handle) = await ConnectAndCreateAsync();
        await connection.CallAsync("Stop", ("handle", handle));
        await Server.RestartAsync(crash);

        connection = await ConnectAsync();
        Assert.Equal("stopped", (await InfoAsync(connection, handle)).Text("state"));
        Assert.Equal(
            "Container state must be one of 'active', current state is 'stopped'",
            await connection.FailAsync("Run", ("handle", handle), ("script", "true")));
    }

    [SkippableFact]
    [Clause("WRD-RECOVER-005")]
    [Clause("WRD-NETIN-009")]
    public async Task WhatARecoveredContainerHoldsIsNotHandedOut()
    {
        await StartServerAsync("""
            network: { pool_start_address: 10.200.0.0, pool_size: 2, release_delay: 0 }
            user: { pool_start_uid: 20000, pool_size: 2 }
            """);
        var (connection, first) = await ConnectAndCreateAsync();
        var port = (await connection.CallAsync("NetIn", ("handle", first))).Number("host_port");
        var uid = await OutputAsync(connection, first, "id -u");
        var address = (await InfoAsync(connection, first)).Text("host_ip");
        await Server.RestartAsync(crash: true);

        connection = await ConnectAsync();
        var second = await CreateAsync(connection);
        Assert.NotEqual(address, (await InfoAsync(connection, second)).Text("host_ip"));
        Assert.NotEqual(uid, await OutputAsync(connection, second, "id -u"));
        Assert.NotEqual(port, (await connection.CallAsync("NetIn", ("handle", second))).Number("host_port"));
        Assert.Equal("Could not acquire network", await connection.FailAsync("Create"));
    }

    [SkippableTheory]
    [Clause("WRD-MEMORY-009")]
    [Clause("WRD-BANDWIDTH-006")]
    [Clause("WRD-CPU-004")]
    [Clause("WRD-DISK-011")]
    [Clause("WRD-SNAPSHOT-002")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LimitsAreKept(bool crash)
    {
        await StartServerAsync();
        var (connection, handle) = await ConnectAndCreateAsync();
        await connection.CallAsync("LimitMemory", ("handle", handle), ("limit_in_bytes", 100 << 20));
        await connection.CallAsync("LimitBandwidth", ("handle", handle), ("rate", 100000), ("burst", 20000));
        await connection.CallAsync("LimitDisk", ("handle", handle), ("byte_limit", 10 << 20), ("inode_limit", 5000));
        await connection.CallAsync("LimitCpu", ("handle", handle), ("limit_in_shares", 77));
        await Server.RestartAsync(crash);

        connection = await ConnectAsync();
        Assert.Equal(100UL << 20, (await connection.CallAsync("LimitMemory", ("handle", handle))).Number("limit_in_bytes"));
        Assert.Equal(77UL, (await connection.CallAsync("LimitCpu", ("handle", handle))).Number("limit_in_shares"));
        var bandwidth = await connection.CallAsync("LimitBandwidth", ("handle", handle));
        Assert.Equal((100000UL, 20000UL), (bandwidth.Number("rate"), bandwidth.Number("burst")));
        var disk = await connection.CallAsync("LimitDisk", ("handle", handle));
        Assert.Equal((10240UL, 5000UL), (disk.Number("block_hard"), disk.Number("inode_hard")));
        Assert.Equal(100000UL, (await InfoAsync(connection, handle)).Message("bandwidth_stat").Number("in_rate"));
    }

    [SkippableFact]
    [Clause("WRD-SNAPSHOT-002")]
    public async Task WhatWasAnsweredSurvivesACrashRightAfter()
    {
        await StartServerAsync();
        var connection = await ConnectAsync();
        var destroyed = await CreateAsync(connection);
        var stopped = await CreateAsync(connection);
        await connection.CallAsync("Destroy", ("handle", destroyed));
        await connection.CallAsync("Stop", ("handle", stopped));
        var created = await CreateAsync(connection);
        var port = (await connection.CallAsync("NetIn", ("handle", created))).Number("host_port");
        var job = await SpawnAsync(connection, created, "echo here; exit 2");
        await Server.CrashAsync();
        await Server.StartAsync();

        connection = await ConnectAsync();
        Assert.Equal(new[] { stopped, created }.Order(), (await connection.CallAsync("List")).Texts("handles").Order());
        Assert.Equal("stopped", (await InfoAsync(connection, stopped)).Text("state"));
        Assert.Equal(2UL, (await LinkAsync(connection, created, job)).Status);
        Assert.NotEqual(port, (await connection.CallAsync("NetIn", ("handle", created))).Number("host_port"));
    }

    [SkippableFact]
    [Clause("WRD-RECOVER-009")]
    public async Task ManyRestartsLoseNothing()
    {
        await StartServerAsync();
        var handles = new List<string>();
        for (var round = 0; round < 6; round++)
        {
            handles.Add(await CreateAsync(await ConnectAsync()));
            await Server.RestartAsync(crash: round % 2 == 0);
        }

        var connection = await ConnectAsync();
        Assert.Equal(handles.Order(), (await connection.CallAsync("List")).Texts("handles").Order());
        foreach (var handle in handles)
        {
            Assert.Equal("here\n", await OutputAsync(connection, handle, "echo here"));
        }
    }

    [SkippableFact]
    [Clause("WRD-RECOVER-011")]
    public async Task AStopThatWasInWorkAtACrashHasStoppedTheContainer()
    {
        await StartServerAsync();
        var (connection, handle) = await ConnectAndCreateAsync();
        var job = await SpawnAsync(connection, handle, "trap '' TERM; touch /tmp/ready; while :; do sleep 0.1; done");
        await FileAppearsAsync(connection, handle, "/tmp/ready");
        await connection.CallAsync("Stop", ("handle", handle), ("background", true));
        await Server.CrashAsync();
        await Server.StartAsync();

        connection = await ConnectAsync();
        Assert.Equal("stopped", (await InfoAsync(connection, handle)).Text("state"));
        await connection.CallAsync("Stop", ("handle", handle), ("kill", true));
        Assert.Equal(255UL, (await LinkAsync(connection, handle, job)).Status);
    }

    [SkippableFact]
    [Clause("WRD-SNAPSHOT-001")]
    [Clause("WRD-RECOVER-006")]
    [Clause("WRD-RECOVER-007")]
    public async Task TheSnapshotLiesInTheContainersDirectory()
    {
        Need(ClauseNeeds.LinuxKernel | ClauseNeeds.Restart);
        await StartServerAsync();
        var (connection, handle) = await ConnectAndCreateAsync();
        await connection.CallAsync("NetIn", ("handle", handle));
        var path = Server.PathOf((await InfoAsync(connection, handle)).Text("container_path"));
        var file = Path.Combine(path, "snapshot.json");
        using var snapshot = JsonDocument.Parse(await File.ReadAllTextAsync(file));
        foreach (var field in (string[])["events", "jobs", "limits", "grace_time", "state", "resources", "version"])
        {
            Assert.True(snapshot.RootElement.TryGetProperty(field, out _), field);
        }

        foreach (var field in (string[])["handle", "container_id", "network", "uid", "ports", "net_in", "net_out"])
        {
            Assert.True(snapshot.RootElement.GetProperty("resources").TryGetProperty(field, out _), field);
        }

        var foreign = Path.Combine(Path.GetDirectoryName(path)!, "not-a-container");
        Directory.CreateDirectory(foreign);
        await Server.RestartAsync(crash: false);
        Assert.True(Directory.Exists(foreign));
        Directory.Delete(foreign);

        await Server.DrainAsync();
        var content = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(file, content.Replace("\"version\":", "\"version\":99", StringComparison.Ordinal));
        await Assert.ThrowsAnyAsync<Exception>(Server.StartAsync);
        await File.WriteAllTextAsync(file, content);
        await Server.StartAsync();
        await Deadline.WithinAsync("a ping", (await ConnectAsync()).CallAsync("Ping"));
    }

    [SkippableFact]
    [Clause("WRD-MEMORY-011")]
    public async Task OutOfMemoryStopsARecoveredContainer()
    {
        await StartServerAsync();
        var (connection, handle) = await ConnectAndCreateAsync();
        await connection.CallAsync("LimitMemory", ("handle", handle), ("limit_in_bytes", 16 << 20));
        await Server.RestartAsync(crash: true);
        connection = await ConnectAsync();
        await RunAsync(connection, handle, "head -c 64M /dev/zero | tail -c 64M > /dev/null");

        await Deadline.UntilAsync("the container is stopped", async () => (await InfoAsync(connection, handle)).Text("state") == "stopped");
        Assert.Equal(["out of memory"], (await InfoAsync(connection, handle)).Texts("events"));
    }

    [SkippableFact]
    [Clause("WRD-NETOUT-015")]
    public async Task OpeningsLastOverARestart()
    {
        await StartServerAsync();
        var (connection, server) = await ConnectAndCreateAsync();
        var client = await CreateAsync(connection);
        var address = (await InfoAsync(connection, server)).Text("container_ip");
        await connection.CallAsync("NetOut", ("handle", client), ("network", address), ("port", 7000));
        await Server.RestartAsync(crash: true);

        connection = await ConnectAsync();
        var probe = new NetworkProbe(connection, client, server, address);
        await probe.ListenAsync(7000);
        await probe.ListenAsync(7001);
        await probe.ExpectReachedAsync(7000);
        await probe.ExpectRefusedAsync(7001);
    }
}
