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
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [SkippableFact]
    public async Task It_is_told_once_and_known_to_later_connections_and_not_confused_with_the_cgroups_end()
    {
        using var cgroups = new RealCgroups();
        await using var container = LiveContainer.Make();
        using var cgroup = cgroups.Host.Create(container.Id);
        Skip.If(cgroup.MemoryPath is null, "The memory controller is not one of version 1.");
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
        container.AssertNothingIsLeft();
    }
}
