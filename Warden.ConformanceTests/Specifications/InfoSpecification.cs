using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Targets;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>Info (§3).</summary>
public abstract class InfoSpecification(Target target) : Specification(target)
{
    [SkippableFact]
    [Clause("WRD-INFO-001")]
    [Clause("WRD-INFO-002")]
    [Clause("WRD-INFO-003")]
    [Clause("WRD-INFO-005")]
    [Clause("WRD-INFO-007")]
    public async Task InfoOfANewContainerHasWhatTheReferenceSays()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var info = await InfoAsync(connection, handle);

        Assert.Equal("active", info.Text("state"));
        Assert.Matches(@"^\d+\.\d+\.\d+\.\d+$", info.Text("host_ip"));
        Assert.Matches(@"^\d+\.\d+\.\d+\.\d+$", info.Text("container_ip"));
        Assert.StartsWith("/", info.Text("container_path"));
        Assert.Empty(info.Texts("events"));
        Assert.Empty(info.Numbers("job_ids"));
        Assert.All((string[])["total_rss", "total_cache", "total_inactive_file"], field => Assert.True(info.Message("memory_stat").Has(field)));
        Assert.True(info.Message("cpu_stat").Has("usage"));
        Assert.All(
            (string[])["in_rate", "in_burst", "out_rate", "out_burst"],
            field => Assert.Equal(4294967295, info.Message("bandwidth_stat").Number(field)));
    }

    [SkippableFact]
    [Clause("WRD-INFO-003")]
    public async Task CpuUsageGrowsWithWork()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var before = (await InfoAsync(connection, handle)).Message("cpu_stat").Number("usage");
        await OutputAsync(connection, handle, "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done");

        Assert.True((await InfoAsync(connection, handle)).Message("cpu_stat").Number("usage") > before);
    }

    [SkippableFact]
    [Clause("WRD-INFO-004")]
    [Clause("WRD-INFO-010")]
    public async Task WhatVcapWroteShowsInDiskStat()
    {
        await StartServerAsync("server: { quota: { disk_quota_enabled: true } }");
        var (connection, handle) = await ConnectAndCreateAsync();
        await OutputAsync(connection, handle, "sync -f /tmp");
        var before = (await InfoAsync(connection, handle)).Message("disk_stat");
        await OutputAsync(connection, handle, "head -c 3000000 /dev/zero > /tmp/big; echo x > /tmp/small; sync -f /tmp");
        var after = await Deadline.UntilAsync("what was written is counted", async () =>
        {
            var stat = (await InfoAsync(connection, handle)).Message("disk_stat");
            return stat.Number("bytes_used") >= before.Number("bytes_used") + 2900000 ? stat : null;
        });

        // A block of the file system's own trees may come or go with any write.
        const int TreeBlock = 16 << 10;
        Assert.InRange(after.Number("bytes_used") + TreeBlock, before.Number("bytes_used") + 3000000, before.Number("bytes_used") + 3100000);
        Assert.InRange(after.Number("inodes_used"), before.Number("inodes_used") + 2, before.Number("inodes_used") + 4);

        await OutputAsync(connection, handle, "rm /tmp/big; sync -f /tmp");
        await Deadline.UntilAsync("what was removed is counted no more", async () =>
            (await InfoAsync(connection, handle)).Message("disk_stat").Number("bytes_used") < after.Number("bytes_used"));
    }

    [SkippableFact]
    [Clause("WRD-INFO-006")]
    public async Task JobIdsAreThoseThatRun()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var running = await SpawnAsync(connection, handle, "while ! test -e /tmp/go; do sleep 0.02; done");
        var ended = await SpawnAsync(connection, handle, "true");
        await JobEndedAsync(connection, handle, ended);

        Assert.Equal([running], (await InfoAsync(connection, handle)).Numbers("job_ids"));
        await OutputAsync(connection, handle, "touch /tmp/go");
        await LinkAsync(connection, handle, running);
        Assert.Empty((await InfoAsync(connection, handle)).Numbers("job_ids"));
    }

    [SkippableFact]
    [Clause("WRD-INFO-008")]
    public async Task AnEventThatHappenedTwiceStandsOnce()
    {
        await StartServerAsync("server: { job_output_limit: 1000 }");
        var (connection, handle) = await ConnectAndCreateAsync();
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal(255UL, (await RunAsync(connection, handle, "head -c 5000 /dev/zero; sleep 100")).Status);
        }

        Assert.Equal(["command exceeded maximum output"], (await InfoAsync(connection, handle)).Texts("events"));
    }

    [SkippableFact]
    [Clause("WRD-INFO-009")]
    public async Task MemoryThatAProcessHoldsShows()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var before = (await InfoAsync(connection, handle)).Message("memory_stat").Number("total_rss");
        await SpawnAsync(
            connection, handle, "(head -c 32M /dev/zero; touch /tmp/ready; while ! test -e /tmp/go; do sleep 0.05; done) | tail -c 32M > /dev/null");
        await FileAppearsAsync(connection, handle, "/tmp/ready");

        // What has been written into a pipe is read a little later.
        var held = await Deadline.UntilAsync("the memory shows", async () =>
        {
            var stat = (await InfoAsync(connection, handle)).Message("memory_stat");
            return stat.Number("total_rss") >= before + (24 << 20) ? stat : null;
        });
        Assert.InRange(held.Number("total_rss"), before + (24 << 20), before + (256 << 20));
    }
}
