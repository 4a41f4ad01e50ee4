using System.Runtime.Versioning;
using Warden.ConformanceTests.Support;
using Warden.Linux.Cgroups;
using Warden.Linux.Cgroups.Interop;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Cgroups;

/// <summary>What only a host with cgroup v2 alone shows.</summary>
[SupportedOSPlatform("linux")]
public sealed class UnifiedCgroupTests
{
    private const ulong Mebibyte = 1 << 20;

    [SkippableFact]
    public void A_container_has_a_group_with_every_controller_that_there_is()
    {
        using var cgroups = Unified();
        var id = RealCgroups.NewId();
        using var group = cgroups.Host.Create(id);

        Assert.Equal(group.MemoryPath, group.UnifiedPath);
        Assert.Empty(group.TaskFiles);
        var has = File.ReadAllText(Path.Combine(group.UnifiedPath!, "cgroup.controllers")).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            CgroupLayout.UnifiedNeeded.Concat(CgroupLayout.UnifiedOptional).Where(cgroups.Layout.Unified!.Controllers.Contains).Order(),
            has.Intersect([.. CgroupLayout.UnifiedNeeded, .. CgroupLayout.UnifiedOptional]).Order());
    }

    [SkippableFact]
    public void Shares_are_weights_and_a_weight_that_somebody_else_sets_is_read_as_shares()
    {
        using var cgroups = Unified();
        using var group = cgroups.Host.Create(RealCgroups.NewId());
        var weight = Path.Combine(group.UnifiedPath!, "cpu.weight");
        Assert.Equal("100", File.ReadAllText(weight).Trim());

        // Several shares have this one's weight.
        foreach (var shares in new ulong[] { 1023, 1024, 1025, 3 })
        {
            group.LimitCpu(shares);
            Assert.Equal($"{CpuWeight.FromShares(shares)}", File.ReadAllText(weight).Trim());
            Assert.Equal(shares, group.ReadCpu());
        }

        File.WriteAllText(weight, "10000");
        Assert.Equal(262144UL, group.ReadCpu());
    }

    [SkippableFact]
    public async Task A_server_in_a_group_that_is_left_to_it_makes_groups_there_and_finds_those_of_an_earlier_one()
    {
        using var cgroups = Unified();
        var id = RealCgroups.NewId();
        using var group = cgroups.Host.Create(id);
        var process = cgroups.Start();
        group.Attach(process.Id);
        group.LimitCpu(77);
        var unit = Path.Combine(cgroups.Layout.Unified!.MountPoint, $"elsewhere-{id}");
        var own = Path.Combine(unit, "server");
        Directory.CreateDirectory(own);
        try
        {
            CgroupAttribute.TryWriteNumber(unit, "trusted.delegate", 1);
            var later = new UnifiedCgroupHost(cgroups.Layout.Unified with { Directory = own }, cgroups.Options);
            Assert.Equal(unit, later.Hierarchy.Directory);

            // A unit that is left to its process but has no subgroup for it, and a scope beneath what is left to another, are not meant.
            var further = new UnifiedCgroupHost(cgroups.Layout.Unified with { Directory = Path.Combine(own, "scope") }, cgroups.Options);
            var itself = new UnifiedCgroupHost(cgroups.Layout.Unified with { Directory = unit }, cgroups.Options);
            Assert.All([further, itself], host => Assert.Equal(cgroups.Layout.Unified.MountPoint, host.Hierarchy.Directory));
            using (var found = later.Open(id))
            {
                Assert.Equal(77UL, found!.ReadCpu());
            }

            Assert.Contains(id, later.List());
            var other = RealCgroups.NewId();
            using (var made = later.Create(other))
            {
                Assert.Equal(Path.Combine(unit, cgroups.Options.ParentName, other), made.UnifiedPath);
                made.LimitMemory(16 * Mebibyte);
            }

            later.Remove(id);
            later.Remove(other);
            later.RemoveParents();
            Assert.False(Directory.Exists(Path.Combine(unit, cgroups.Options.ParentName)));
            await process.WaitForExitAsync().WaitAsync(Deadline.Default);
        }
        finally
        {
            Directory.Delete(own);
            Directory.Delete(unit);
        }
    }

    [SkippableFact]
    public async Task Processes_that_are_in_the_way_where_a_container_sees_no_more_are_moved()
    {
        using var cgroups = Unified();

        // As in a container: the topmost group that is visible is not the root of all, and everything runs in it.
        var top = Path.Combine(cgroups.Layout.Unified!.MountPoint, $"visible-{RealCgroups.NewId()}");
        using (cgroups.Host.Create(RealCgroups.NewId()))
        {
            Directory.CreateDirectory(top);
        }

        var host = new UnifiedCgroupHost(
            cgroups.Layout.Unified with { MountPoint = top, Directory = top, Controllers = cgroups.Layout.Unified.Controllers }, cgroups.Options);
        try
        {
            var process = cgroups.Start();
            File.WriteAllText(Path.Combine(top, "cgroup.procs"), $"{process.Id}");
            var id = RealCgroups.NewId();
            using (var group = host.Create(id))
            {
                Assert.Equal(Path.Combine(top, cgroups.Options.ParentName, id), group.UnifiedPath);
                group.LimitMemory(16 * Mebibyte);
            }

            Assert.Equal($"{process.Id}\n", File.ReadAllText(Path.Combine(top, "server", "cgroup.procs")));
            host.Remove(id);
            host.RemoveParents();
            process.Kill();
            await process.WaitForExitAsync().WaitAsync(Deadline.Default);
        }
        finally
        {
            await Deadline.UntilAsync("the groups are gone", () =>
            {
                try
                {
                    foreach (var path in CgroupTree.Beneath(top).AsEnumerable().Reverse())
                    {
                        Directory.Delete(path);
                    }
                }
                catch (IOException)
                {
                    // Busy until the process is reaped.
                }

                return Task.FromResult(!Directory.Exists(top));
            });
        }
    }

    [SkippableFact]
    public async Task A_nested_server_has_every_device_that_its_host_has()
    {
        using var cgroups = Unified(nested: true);
        using var group = cgroups.Host.Create(RealCgroups.NewId());
        var process = cgroups.Start();
        group.Attach(process.Id);
        using var directory = new TemporaryDirectory();

        Assert.Equal("opened", await RealCgroups.Run(process, $"mknod {directory["kmsg"]} c 1 11 && exec 3<{directory["kmsg"]} && echo opened"));
    }

    [SkippableFact]
    public async Task What_is_frozen_ends_too()
    {
        using var cgroups = Unified();
        var id = RealCgroups.NewId();
        using var group = cgroups.Host.Create(id);
        var process = cgroups.Start();
        group.Attach(process.Id);
        Assert.Equal("on", await RealCgroups.Run(process, "sleep 1000 & echo on"));
        File.WriteAllText(Path.Combine(group.UnifiedPath!, "cgroup.freeze"), "1");

        cgroups.Host.Remove(id);

        Assert.False(Directory.Exists(group.UnifiedPath));
        await process.WaitForExitAsync().WaitAsync(Deadline.Default);
    }

    [SkippableFact]
    public async Task Page_cache_makes_way_for_a_limit()
    {
        using var cgroups = Unified();
        using var directory = new TemporaryDirectory();
        using var group = cgroups.Host.Create(RealCgroups.NewId());
        var process = cgroups.Start();
        group.Attach(process.Id);
        Assert.Equal("written", await RealCgroups.Run(process, $"head -c 60000000 /dev/zero >{directory["file"]} && sync {directory["file"]} && echo written"));
        Skip.If(group.Measure().Memory.ToDictionary()["total_cache"] < 32 * Mebibyte, "files of the temporary directory have no page cache");

        Assert.Equal(24 * Mebibyte, group.LimitMemory(24 * Mebibyte));

        Assert.False(process.HasExited);
        Assert.Equal("fine", await RealCgroups.Run(process, "echo fine"));
        Assert.Contains("oom_kill 0\n", await File.ReadAllTextAsync(Path.Combine(group.UnifiedPath!, "memory.events")), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void The_limits_of_groups_above_count()
    {
        using var cgroups = Unified();
        using var group = cgroups.Host.Create(RealCgroups.NewId());
        group.LimitMemory(64 * Mebibyte);
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(group.UnifiedPath)!, "memory.max"), $"{32 * Mebibyte}");

        var memory = group.Measure().Memory.ToDictionary();

        Assert.Equal(32 * Mebibyte, memory["hierarchical_memory_limit"]);
        Assert.Equal(64 * Mebibyte, group.ReadMemoryLimit());
    }

    private static RealCgroups Unified(bool nested = false)
    {
        var cgroups = new RealCgroups(nested: nested);
        Skip.IfNot(cgroups.IsUnified, "this host has cgroup v1");
        return cgroups;
    }
}
