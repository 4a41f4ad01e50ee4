using System.Runtime.Versioning;
using Warden.ConformanceTests.Units.Linux.Processes;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Cgroups;

[SupportedOSPlatform("linux")]
public class CgroupJoinTests
{
    [SkippableFact]
    public async Task A_containers_first_process_is_in_its_groups_when_the_server_hears_of_it()
    {
        await using var container = LiveContainer.Make();
        using var cgroups = new RealCgroups();
        using var group = cgroups.Host.Create(container.Id);
        container.Start = container.Start with { CgroupTasks = group.TaskFiles, UnifiedCgroup = group.UnifiedPath };

        await using var monitor = await container.StartAsync((pid, cancel) =>
        {
            Assert.All(cgroups.Hierarchies, hierarchy => Assert.Equal($"{pid}\n", Processes(hierarchy.ParentOf(cgroups.Options.ParentName), container)));

            // It has nothing left to do.
            group.Attach(pid);
            return container.AddInterfaceAsync(pid, cancel);
        });
        var (status, output, _) = await LiveContainer.RunAsync(monitor, 1, "cat /proc/self/cgroup");

        // Its groups are the root of what it sees.
        Assert.Equal(0, status);
        Assert.All(
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.Contains("name=", StringComparison.Ordinal)),
            line => Assert.EndsWith(":/", line, StringComparison.Ordinal));
        await monitor.TerminateAsync(default);
        await group.RemoveAsync(default);
        Assert.Empty(cgroups.Host.List());
    }

    [SkippableFact]
    public async Task A_group_that_cannot_be_entered_fails_the_start_by_its_path()
    {
        await using var container = LiveContainer.Make();
        container.Start = container.Start with { CgroupTasks = ["/sys/fs/cgroup/nowhere/tasks"] };

        var error = await Assert.ThrowsAnyAsync<Exception>(() => container.StartAsync((_, _) => throw new InvalidOperationException("too late")).AsTask());

        Assert.Contains("parent-after-clone", error.Message, StringComparison.Ordinal);
        Assert.Contains("/sys/fs/cgroup/nowhere/tasks", error.Message, StringComparison.Ordinal);
        await container.NothingIsLeftAsync();
    }

    private static string Processes(string parent, LiveContainer container) =>
        File.ReadAllText(Path.Combine(parent, container.Id, "cgroup.procs"));
}
