using System.Runtime.Versioning;
using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Units.Linux.Processes;
using Warden.Linux.Processes;
using Warden.Spec;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Native;

/// <summary>The four steps of a start, each held up by a hook: whichever side ends meanwhile, the others end, and the client is told.</summary>
[SupportedOSPlatform("linux")]
public sealed class StepTests
{
    private static readonly TimeSpan Patience = Support.Deadline.Default * 2;

    public static TheoryData<string> Steps => ["parent-before-clone", "parent-after-clone", "child-before-pivot", "child-after-pivot"];

    public static TheoryData<string> StepsWithChild => ["parent-after-clone", "child-before-pivot", "child-after-pivot"];

    [SkippableTheory]
    [MemberData(nameof(StepsWithChild))]
    public async Task The_end_of_the_child_is_told_and_ends_the_hook(string step)
    {
        using var hooks = new TemporaryDirectory();
        await using var container = Hooked(hooks, step, "echo $$ >started.new; mv started.new started; exec sleep 1000");
        var start = container.StartAsync().AsTask();
        var hook = await StartedAsync(hooks, start);
        Kill(container.ChildPid);

        var error = await Assert.ThrowsAsync<WardenException>(() => start.WaitAsync(Patience));
        Assert.Contains("first process ended", error.Message, StringComparison.Ordinal);
        Assert.Contains(step, error.Message, StringComparison.Ordinal);
        await EndedAsync(hook);
        await container.NothingIsLeftAsync();
    }

    [SkippableTheory]
    [MemberData(nameof(Steps))]
    public async Task The_end_of_the_monitor_is_told_and_ends_hook_and_child(string step)
    {
        using var hooks = new TemporaryDirectory();
        await using var container = Hooked(hooks, step, "echo $PPID $$ >started.new; mv started.new started; exec sleep 1000");
        var start = container.StartAsync().AsTask();
        var told = await StartedAsync(hooks, start);
        Kill(int.Parse(told.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));

        var error = await Assert.ThrowsAsync<WardenException>(() => start.WaitAsync(Patience));
        Assert.StartsWith("Cannot start the container: its monitor ended before it was ready", error.Message, StringComparison.Ordinal);
        await EndedAsync(told.Split(' ')[1]);
        await container.NothingIsLeftAsync();
    }

    [SkippableTheory]
    [MemberData(nameof(Steps))]
    public async Task The_end_of_the_server_ends_all(string step)
    {
        using var hooks = new TemporaryDirectory();
        await using var container = Hooked(hooks, step, "echo $$ >started.new; mv started.new started; exec sleep 1000");
        using var end = new CancellationTokenSource();
        var start = container.StartAsync(end.Token).AsTask();
        var hook = await StartedAsync(hooks, start);
        await end.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start.WaitAsync(Patience));
        await EndedAsync(hook);
        await container.NothingIsLeftAsync();
        Assert.Empty(Directory.GetFileSystemEntries(container.Directory.Run, "root"));
    }

    [SkippableTheory]
    [MemberData(nameof(Steps))]
    public async Task A_hook_that_fails_is_told_by_its_last_lines(string step)
    {
        using var hooks = new TemporaryDirectory();
        await using var container = Hooked(hooks, step, "seq 1 100000; echo the last word >&2; exit 3");
        var error = await Assert.ThrowsAsync<WardenException>(() => container.StartAsync().AsTask());

        Assert.Contains("\n100000\nthe last word (" + step, error.Message, StringComparison.Ordinal);
        Assert.Matches("^[0-9]+\n", error.Message);
        Assert.InRange(error.Message.Length, 4000, 4500);
        await container.NothingIsLeftAsync();
    }

    [SkippableFact]
    public async Task Hooks_are_in_the_namespaces_of_their_step()
    {
        using var hooks = new TemporaryDirectory();
        await using var container = Hooked(hooks, "child-before-pivot", "mount -t tmpfs hooked $WARDEN_ROOTFS/srv; ip link >network");
        Write(hooks, "child-after-pivot", "hostname >name; cp name $WARDEN_ROOTFS/srv/name; sleep 1000 >/dev/null 2>&1 & echo $! >background");
        await using var monitor = await container.StartAsync();
        var background = (await File.ReadAllTextAsync(hooks["background"])).Trim();
        var (_, stdout, _) = await LiveContainer.RunAsync(monitor, 1, "cat /srv/name; grep -c ' /srv tmpfs' /proc/mounts; ps ax | grep -c '[s]leep 1000'");
        Kill(int.Parse(background, System.Globalization.CultureInfo.InvariantCulture));

        Assert.Equal($"{container.Id}\n1\n0\n", stdout);
        Assert.Contains($"w-{container.Id}-1", await File.ReadAllTextAsync(hooks["network"]), StringComparison.Ordinal);
    }

    private static LiveContainer Hooked(TemporaryDirectory hooks, string step, string script)
    {
        var container = LiveContainer.Make();
        Write(hooks, step, script);
        container.Start = container.Start with { Hooks = hooks.Path };
        return container;
    }

    private static void Write(TemporaryDirectory hooks, string step, string script)
    {
        HostSystem.WriteProgram(hooks[step], $"#!/bin/bash\ncd '{hooks.Path}'\n{script}\n");
    }

    private static async Task<string> StartedAsync(TemporaryDirectory hooks, Task start)
    {
        await Support.Deadline.UntilAsync("the hook has started", async () =>
        {
            if (start.IsFaulted)
            {
                await start;
            }

            return File.Exists(hooks["started"]);
        });
        return (await File.ReadAllTextAsync(hooks["started"])).Trim();
    }

    private static void Kill(int pid)
    {
        using var process = HostProcess.Open(pid);
        process!.Kill();
    }

    private static async Task EndedAsync(string pid)
    {
        using var process = HostProcess.Open(int.Parse(pid, System.Globalization.CultureInfo.InvariantCulture));
        await (process?.Ended ?? Task.CompletedTask).WaitAsync(Patience);
    }
}
