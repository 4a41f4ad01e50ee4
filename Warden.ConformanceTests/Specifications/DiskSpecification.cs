using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Wire;
using Warden.Spec.Clauses;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>LimitDisk (§5).</summary>
public abstract class DiskSpecification(Target target) : Specification(target)
{
    private WireConnection _connection = null!;
    private string _handle = "";

    [SkippableFact]
    [Clause("WRD-DISK-001")]
    [Clause("WRD-DISK-006")]
    public async Task ANewContainerHasNoLimit()
    {
        await StartAsync();
        var answer = await LimitAsync();

        Assert.Equal(answer.Schema.Select(field => field.Name).Order(), answer.Present.Order());
        Assert.All(answer.Present, field => Assert.Equal(0UL, answer.Number(field)));
    }

    [SkippableTheory]
    [Clause("WRD-DISK-002")]
    [InlineData("byte_limit")]
    [InlineData("byte")]
    [InlineData("byte_hard")]
    public async Task BytesAreRoundedUpToBlocks(string field)
    {
        await StartAsync();
        ExpectHard(await LimitAsync((field, 10 << 20)), 10240);
        ExpectHard(await LimitAsync((field, (10 << 20) + 1)), 10241);
        ExpectHard(await LimitAsync(), 10241);
    }

    [SkippableTheory]
    [Clause("WRD-DISK-003")]
    [InlineData("block_limit")]
    [InlineData("block")]
    [InlineData("block_hard")]
    public async Task BlocksAreTakenAsTheyAre(string field)
    {
        await StartAsync();
        ExpectHard(await LimitAsync((field, 12345)), 12345);
        ExpectHard(await LimitAsync(), 12345);
    }

    [SkippableFact]
    [Clause("WRD-DISK-004")]
    public async Task OfBytesAndBlocksTheLaterWins()
    {
        await StartAsync();
        (string Field, ulong Value, ulong Hard)[] order =
        [
            ("byte_limit", 1 << 20, 1024), ("byte", 2 << 20, 2048), ("byte_hard", 3 << 20, 3072), ("block_limit", 4096, 4096),
            ("block", 5120, 5120), ("block_hard", 6144, 6144),
        ];
        for (var count = 1; count <= order.Length; count++)
        {
            var fields = order.Take(count).Reverse().Select(entry => (entry.Field, (object?)entry.Value)).ToArray();
            ExpectHard(await LimitAsync(fields), order[count - 1].Hard);
        }

        var soft = await LimitAsync(("byte_soft", 1 << 20), ("block_hard", 4000));
        Assert.Equal((1024UL, 4000UL), (soft.Number("block_soft"), soft.Number("block_hard")));
        soft = await LimitAsync(("byte_soft", 1 << 20), ("block_soft", 99), ("block_hard", 4000));
        Assert.Equal((99UL, 4000UL), (soft.Number("block_soft"), soft.Number("block_hard")));
    }

    [SkippableFact]
    [Clause("WRD-DISK-005")]
    [Clause("WRD-DISK-012")]
    public async Task OfInodesTheLaterWins()
    {
        await StartAsync();
        (string Field, ulong Value)[] order = [("inode_limit", 1000), ("inode", 2000), ("inode_hard", 3000)];
        for (var count = 1; count <= order.Length; count++)
        {
            var answer = await LimitAsync([.. order.Take(count).Select(entry => (entry.Field, (object?)entry.Value))]);
            Assert.Equal(order[count - 1].Value, answer.Number("inode_hard"));
            Assert.Equal(order[count - 1].Value, answer.Number("inode"));
            Assert.Equal(order[count - 1].Value, answer.Number("inode_limit"));
        }

        var both = await LimitAsync(("byte_limit", 7 << 20), ("inode_limit", 400), ("inode_soft", 300));
        ExpectHard(both, 7168);
        Assert.Equal((300UL, 400UL), (both.Number("inode_soft"), both.Number("inode_hard")));
    }

    [SkippableFact]
    [Clause("WRD-DISK-007")]
    [Clause("WRD-DISK-008")]
    [Clause("WRD-DISK-014")]
    public async Task OverTheHardLimitVcapsWritesFail()
    {
        await StartAsync();
        await LimitAsync(("byte_limit", 4 << 20));
        await OutputAsync(_connection, _handle, "head -c 2000000 /dev/zero > /tmp/fits; sync -f /tmp");
        var result = await RunAsync(_connection, _handle, "head -c 8000000 /dev/zero > /tmp/big");
        Assert.NotEqual(0UL, result.Status);
        Assert.Contains("Disk quota exceeded", result.Error, StringComparison.Ordinal);

        await OutputAsync(_connection, _handle, "rm /tmp/big /tmp/fits; sync -f /tmp; head -c 3000000 /dev/zero > /tmp/again; sync -f /tmp");
        Assert.Equal("3000000\n", await OutputAsync(_connection, _handle, "wc -c < /tmp/again"));
    }

    [SkippableFact]
    [Clause("WRD-DISK-009")]
    public async Task RootWritesBeyondTheLimit()
    {
        await StartAsync();
        var counts = await Target.CountsRootsWritesAsync();
        Skip.If(counts is not null, counts);
        await LimitAsync(("byte_limit", 4 << 20));

        await OutputAsync(_connection, _handle, "head -c 8000000 /dev/zero > /tmp/roots", ("privileged", true));
    }

    [SkippableFact]
    [Clause("WRD-DISK-013")]
    public async Task OverTheLimitOfInodesNoFileIsMade()
    {
        await StartAsync();
        var used = (await InfoAsync(_connection, _handle)).Message("disk_stat").Number("inodes_used");
        await LimitAsync(("inode_limit", used + 10));
        var result = await RunAsync(_connection, _handle, "mkdir /tmp/d; for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo > /tmp/d/$i; done; ls /tmp/d | wc -l");

        if ((await InfoAsync(_connection, _handle)).Texts("events").Contains("inode limit is not enforced"))
        {
            return;
        }

        Assert.Contains("Disk quota exceeded", result.Error, StringComparison.Ordinal);
        Assert.Equal("9\n", result.Output);
    }

    [SkippableFact]
    [Clause("WRD-DISK-011")]
    public async Task OverALimitOfBeforeARestartWritesFail()
    {
        Need(ClauseNeeds.Restart);
        await StartAsync();
        await LimitAsync(("byte_limit", 4 << 20));
        await Server.RestartAsync(crash: true);

        _connection = await ConnectAsync();
        ExpectHard(await LimitAsync(), 4096);
        var result = await RunAsync(_connection, _handle, "head -c 8000000 /dev/zero > /tmp/big");
        Assert.Contains("Disk quota exceeded", result.Error, StringComparison.Ordinal);
    }

    [SkippableFact]
    [Clause("WRD-DISK-015")]
    public async Task OverTheSoftLimitsWritesGoOnToTheHardOne()
    {
        await StartAsync();
        var used = (await InfoAsync(_connection, _handle)).Message("disk_stat").Number("inodes_used");
        await LimitAsync(("byte_soft", 1 << 20), ("byte_hard", 6 << 20), ("inode_soft", used + 1), ("inode_hard", used + 1000));

        Assert.Equal("3000000\n", await OutputAsync(
            _connection, _handle, "head -c 3000000 /dev/zero > /tmp/over; mkdir /tmp/d; touch /tmp/d/1 /tmp/d/2 /tmp/d/3; sync -f /tmp; wc -c < /tmp/over"));
        var result = await RunAsync(_connection, _handle, "head -c 8000000 /dev/zero > /tmp/big");
        Assert.Contains("Disk quota exceeded", result.Error, StringComparison.Ordinal);
    }

    [SkippableFact]
    [Clause("WRD-DISK-016")]
    public async Task TheNextContainerOfAUserBeginsAnew()
    {
        await StartAsync("user: { pool_start_uid: 30000, pool_size: 1 }");
        var first = (await InfoAsync(_connection, _handle)).Message("disk_stat").Number("inodes_used");
        await LimitAsync(("byte_limit", 1 << 20), ("inode_limit", first + 100));
        await OutputAsync(_connection, _handle, "head -c 500000 /dev/zero > /tmp/file; mkdir /tmp/d; touch /tmp/d/{1..40}; sync -f /tmp");
        await _connection.CallAsync("Destroy", ("handle", _handle));
        _handle = await CreateAsync(_connection);

        var answer = await LimitAsync();
        Assert.All(answer.Present, field => Assert.Equal(0UL, answer.Number(field)));
        Assert.InRange((await InfoAsync(_connection, _handle)).Message("disk_stat").Number("inodes_used"), 0UL, first + 10);
        Assert.Equal("2000000\n", await OutputAsync(_connection, _handle, "head -c 2000000 /dev/zero > /tmp/big; sync -f /tmp; wc -c < /tmp/big"));
    }

    [SkippableFact]
    [Clause("WRD-DISK-010")]
    public async Task SwitchedOffTheAnswerIsEmptyAndInfoHasNoDiskStat()
    {
        await StartServerAsync("server: { quota: { disk_quota_enabled: false } }");
        (_connection, _handle) = await ConnectAndCreateAsync();

        Assert.Empty((await LimitAsync()).Present);
        Assert.Empty((await LimitAsync(("byte_limit", 1 << 20))).Present);
        Assert.False((await InfoAsync(_connection, _handle)).Has("disk_stat"));
        await OutputAsync(_connection, _handle, "head -c 2000000 /dev/zero > /tmp/free");
    }

    private static void ExpectHard(WireMessage answer, ulong blocks)
    {
        Assert.All((string[])["block_limit", "block", "block_hard"], field => Assert.Equal(blocks, answer.Number(field)));
        Assert.All((string[])["byte_limit", "byte", "byte_hard"], field => Assert.Equal(blocks * 1024, answer.Number(field)));
    }

    private Task<WireMessage> LimitAsync(params (string Field, object? Value)[] fields) =>
        _connection.CallAsync("LimitDisk", [("handle", _handle), .. fields]);

    private async Task StartAsync(string configuration = "")
    {
        Need(ClauseNeeds.OwnConfiguration);
        var why = await Target.WithoutDiskLimitsAsync();
        Skip.If(why is not null, why);
        await StartServerAsync($"server: {{ quota: {{ disk_quota_enabled: true }} }}\n{configuration}\n");
        (_connection, _handle) = await ConnectAndCreateAsync();
    }
}
