using System.Runtime.Versioning;
using Warden.ConformanceTests.Units.Linux.Cgroups;
using Warden.ConformanceTests.Units.Linux.Processes;
using Warden.Linux.Processes;
using Warden.Spec;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Native;

/// <summary>What the monitor hears of the container's memory.</summary>
[SupportedOSPlatform("linux")]
public sealed class OutOfMemoryTests
{
    private static readonly TimeSpan Patience = Support.Deadline.Default * 2;

    [SkippableFact]
    public async Task It_is_told_once_and_known_to_later_connections_and_not_confused_with_the_cgroups_end()
    {
        using var cgroups = new RealCgroups();
        await using var container = LiveContainer.Make();
        using var cgroup = cgroups.Host.Create(container.Id);
        cgroup.LimitMemory(64 << 20);
        await using (var monitor = await container.StartAsync(async (pid, token) =>
        {
            await container.AddInterfaceAsync(pid, token);
            cgroup.Attach(pid);
            return cgroup.MemoryPath;
        }))
        {
            Assert.Equal(0, (await LiveContainer.RunAsync(monitor, 1, "head -c 1000000 /dev/zero | tail -c 1 >/dev/null")).Status);
            Assert.False(monitor.OutOfMemory.IsCompleted);
            var (status, _, _) = await LiveContainer.RunAsync(monitor, 2, "head -c 200000000 /dev/zero | tail -c 200000000 >/dev/null");
            Assert.Equal(128 + 9, status);
            await monitor.OutOfMemory.WaitAsync(Patience);
            Assert.Equal(64UL << 20, cgroup.ReadMemoryLimit());
        }

        await using var later = await ContainerMonitor.ConnectAsync(container.Directory.Run, null, default);
        await later!.OutOfMemory.WaitAsync(Patience);
        await later.TerminateAsync(default);
        await cgroup.RemoveAsync(default);
    }

    [SkippableFact]
    public async Task What_a_group_beneath_has_run_out_of_by_its_own_limit_is_not_told()
    {
        using var cgroups = new RealCgroups();
        Skip.IfNot(cgroups.IsUnified, "only cgroup v2 counts what happens beneath a group");
        await using var container = LiveContainer.Make();
        using var cgroup = cgroups.Host.Create(container.Id);
        await using var monitor = await container.StartAsync(async (pid, token) =>
        {
            await container.AddInterfaceAsync(pid, token);
            cgroup.Attach(pid);
            return cgroup.MemoryPath;
        });

        // As a nested server does it: what runs in the container's group makes way for groups with controllers.
        var group = cgroup.MemoryPath!;
        var server = Directory.CreateDirectory(Path.Combine(group, "server")).FullName;
        foreach (var id in await File.ReadAllLinesAsync(Path.Combine(group, "cgroup.procs")))
        {
            await File.WriteAllTextAsync(Path.Combine(server, "cgroup.procs"), id);
        }

        await File.WriteAllTextAsync(Path.Combine(group, "cgroup.subtree_control"), "+memory");
        var inner = Directory.CreateDirectory(Path.Combine(group, "inner")).FullName;
        await File.WriteAllTextAsync(Path.Combine(inner, "memory.max"), $"{32 << 20}");
        var process = cgroups.Start();
        await File.WriteAllTextAsync(Path.Combine(inner, "cgroup.procs"), $"{process.Id}");
        Assert.Null(await RealCgroups.Run(process, "x=$(head -c 104857600 /dev/zero | tr '\\0' x); echo ${#x}"));
        Assert.Contains("oom_kill 1\n", await File.ReadAllTextAsync(Path.Combine(group, "memory.events")), StringComparison.Ordinal);

        // The monitor has one loop: it has seen that by the time a job has ended.
        Assert.Equal(0, (await LiveContainer.RunAsync(monitor, 1, "true")).Status);
        Assert.False(monitor.OutOfMemory.IsCompleted);
        cgroup.LimitMemory(64 << 20);
        Assert.Equal(128 + 9, (await LiveContainer.RunAsync(monitor, 2, "head -c 200000000 /dev/zero | tail -c 200000000 >/dev/null")).Status);
        await monitor.OutOfMemory.WaitAsync(Patience);
        await monitor.TerminateAsync(default);
        await cgroup.RemoveAsync(default);
    }

    [SkippableFact]
    public async Task A_group_that_cannot_be_watched_is_told_with_step_error_and_path()
    {
        await using var container = LiveContainer.Make();
        var group = Path.Combine(container.Directory.Path, "no-such-group-" + new string('x', 100));
        var error = await Assert.ThrowsAsync<WardenException>(() => container.StartAsync(async (pid, token) =>
        {
            await container.AddInterfaceAsync(pid, token);
            return group;
        }).AsTask());

        Assert.Equal(
            $"Cannot be notified when the container is out of memory on {group} (parent-after-clone): No such file or directory", error.Message);
        await container.NothingIsLeftAsync();
    }
}
