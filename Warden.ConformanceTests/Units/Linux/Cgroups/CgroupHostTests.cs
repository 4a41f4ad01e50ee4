using System.Diagnostics;
using System.Runtime.Versioning;
using Warden.ConformanceTests.Support;
using Warden.Linux.Cgroups;
using Warden.Linux.Interop;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Cgroups;

[SupportedOSPlatform("linux")]
public class CgroupHostTests
{
    [SkippableFact]
    public async Task A_process_that_is_attached_is_in_a_group_of_every_hierarchy_and_so_are_its_children()
    {
        using var cgroups = new RealCgroups();
        var id = RealCgroups.NewId();
        using var group = cgroups.Host.Create(id);
        var process = cgroups.Start();
        group.Attach(process.Id);

        var child = await RealCgroups.Run(process, "sleep 1000 & echo $!");

        foreach (var hierarchy in cgroups.Hierarchies)
        {
            var path = Path.Combine(hierarchy.ParentOf(cgroups.Options.ParentName), id, "cgroup.procs");
            Assert.Equal(new[] { $"{process.Id}", child! }.Order(), File.ReadAllLines(path).Order());
        }
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Removal_ends_what_runs_there_and_all_of_it_is_gone(bool unified)
    {
        using var cgroups = new RealCgroups(unified);
        var id = RealCgroups.NewId();
        using var group = cgroups.Host.Create(id);
        var process = cgroups.Start();
        group.Attach(process.Id);
        Assert.Equal("on", await RealCgroups.Run(process, "trap '' TERM INT HUP; for i in 1 2 3 4 5; do sleep 1000 & done; setsid sleep 1000 & echo on"));

        await group.RemoveAsync(CancellationToken.None);
        await group.RemoveAsync(CancellationToken.None);

        await process.WaitForExitAsync().WaitAsync(Deadline.Default);
        Assert.Equal(137, process.ExitCode);
        Assert.Empty(Remains(cgroups, id));
        cgroups.Host.Remove(id);
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Processes_that_keep_forking_are_ended_too(bool unified)
    {
        using var cgroups = new RealCgroups(unified);
        var id = RealCgroups.NewId();
        using (var group = cgroups.Host.Create(id))
        {
            var process = cgroups.Start();
            group.Attach(process.Id);
            Assert.Equal("on", await RealCgroups.Run(
                process, "relay() { relay & exit; }; for i in 1 2 3 4 5 6 7 8; do relay 2>/dev/null & done; echo on; wait; sleep 1000"));
        }

        cgroups.Host.Remove(id);

        Assert.Empty(Remains(cgroups, id));
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_frozen_is_thawed_to_die_in_groups_beneath_as_well(bool unified)
    {
        using var cgroups = new RealCgroups(unified);
        Skip.If(cgroups.Layout.Find("freezer") is null, "no freezer of cgroup v1");
        var id = RealCgroups.NewId();
        using var group = cgroups.Host.Create(id);
        var process = cgroups.Start();
        group.Attach(process.Id);
        Assert.Equal("on", await RealCgroups.Run(process, "echo on"));
        var inner = Path.Combine(cgroups.PathOf("freezer", id), "inner");
        Directory.CreateDirectory(inner);
        File.WriteAllText(Path.Combine(inner, "cgroup.procs"), $"{process.Id}");
        File.WriteAllText(Path.Combine(inner, "freezer.state"), "FROZEN");
        File.WriteAllText(Path.Combine(cgroups.PathOf("freezer", id), "freezer.state"), "FROZEN");

        cgroups.Host.Remove(id);

        Assert.Empty(Remains(cgroups, id));
        await process.WaitForExitAsync().WaitAsync(Deadline.Default);
    }

    [SkippableFact]
    public async Task A_server_in_another_group_finds_what_an_earlier_one_made()
    {
        using var cgroups = new RealCgroups();
        Skip.If(cgroups.IsUnified, "cgroup v2 alone: UnifiedCgroupTests has this for it");
        var id = RealCgroups.NewId();
        using var group = cgroups.Host.Create(id);
        var process = cgroups.Start();
        group.Attach(process.Id);
        group.LimitCpu(77);

        // The same hierarchies, as a server sees them that runs in a group of its own.
        var moved = Path.Combine(cgroups.Layout.Find("cpu")!.Directory, $"elsewhere-{id}");
        Directory.CreateDirectory(moved);
        try
        {
            var layout = cgroups.Layout with
            {
                Legacy = [.. cgroups.Layout.Legacy.Select(h => h.Controllers.Contains("cpu") ? h with { Directory = moved } : h)],
            };
            var later = new LegacyCgroupHost(layout, cgroups.Options);
            using (var found = later.Open(id))
            {
                Assert.Equal(77UL, found!.ReadCpu());
            }

            Assert.Contains(id, later.List());
            later.Remove(id);
            Assert.Empty(Remains(cgroups, id));
            await process.WaitForExitAsync().WaitAsync(Deadline.Default);
        }
        finally
        {
            Directory.Delete(moved);
        }
    }

    [SkippableFact]
    public void A_parent_that_another_create_has_made_and_not_yet_filled_is_filled()
    {
        using var cgroups = new RealCgroups();
        var cpuset = cgroups.Layout.Find("cpuset");
        Skip.If(cpuset is null || cpuset.Unified, "there is no cpuset hierarchy of cgroup v1");
        Directory.CreateDirectory(cpuset!.ParentOf(cgroups.Options.ParentName));
        using var group = cgroups.Host.Create(RealCgroups.NewId());

        group.Attach(cgroups.Start().Id);
    }

    [SkippableFact]
    public void A_container_that_is_not_there_or_not_whole_is_not_found()
    {
        using var cgroups = new RealCgroups();
        var id = RealCgroups.NewId();
        Assert.Null(cgroups.Host.Open(id));
        cgroups.Host.Remove(id);
        cgroups.Host.Create(id).Dispose();
        using (var group = cgroups.Host.Open(id))
        {
            Assert.NotNull(group);
        }

        Directory.Delete(cgroups.PathOf("memory", id));

        Assert.Null(cgroups.Host.Open(id));
        cgroups.Host.Remove(id);
        Assert.Empty(Remains(cgroups, id));
    }

    [SkippableFact]
    public void A_group_that_is_there_already_is_left_alone_and_nothing_new_stays()
    {
        using var cgroups = new RealCgroups();
        var id = RealCgroups.NewId();
        var last = cgroups.IsUnified ? cgroups.Hierarchies.Single() : cgroups.Layout.Used.Last();
        Directory.CreateDirectory(Path.Combine(last.ParentOf(cgroups.Options.ParentName), id));

        var error = Assert.Throws<LinuxException>(() => cgroups.Host.Create(id));

        Assert.Equal(Errno.EEXIST, error.Errno);
        Assert.Equal([Path.Combine(last.ParentOf(cgroups.Options.ParentName), id)], Remains(cgroups, id));
    }

    [SkippableFact]
    public void A_process_that_is_gone_cannot_be_attached()
    {
        using var cgroups = new RealCgroups();
        using var group = cgroups.Host.Create(RealCgroups.NewId());

        Assert.Equal(Errno.ESRCH, Assert.Throws<LinuxException>(() => group.Attach(int.MaxValue)).Errno);
    }

    [SkippableFact]
    public async Task Twenty_at_once_do_not_hinder_each_other()
    {
        using var cgroups = new RealCgroups();

        await Parallel.ForEachAsync(Enumerable.Range(0, 20), new ParallelOptions { MaxDegreeOfParallelism = 20 }, async (_, cancel) =>
        {
            using var group = cgroups.Host.Create(RealCgroups.NewId());
            using var process = Process.Start("/bin/sleep", "1000");
            group.Attach(process.Id);
            await group.RemoveAsync(cancel);
            await process.WaitForExitAsync(cancel);
        });

        Assert.Empty(cgroups.Host.List());
    }

    [SkippableFact]
    public void The_parents_go_when_they_are_empty()
    {
        using var cgroups = new RealCgroups();
        var id = RealCgroups.NewId();
        cgroups.Host.Create(id).Dispose();
        cgroups.Host.RemoveParents();
        Assert.Equal([id], cgroups.Host.List());

        cgroups.Host.Remove(id);
        cgroups.Host.RemoveParents();

        Assert.DoesNotContain(cgroups.Hierarchies, hierarchy => Directory.Exists(hierarchy.ParentOf(cgroups.Options.ParentName)));
        cgroups.Host.Create(id).Dispose();
        cgroups.Host.Remove(id);
    }

    private static string[] Remains(RealCgroups cgroups, string id) =>
        [.. cgroups.Hierarchies.Select(hierarchy => Path.Combine(hierarchy.ParentOf(cgroups.Options.ParentName), id)).Where(Directory.Exists)];
}
