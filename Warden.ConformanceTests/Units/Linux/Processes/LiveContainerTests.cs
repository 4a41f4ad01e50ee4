using System.Runtime.Versioning;
using Warden.Linux.Processes;
using Warden.Spec;
using Warden.Spec.Backend;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Processes;

/// <summary>Containers of the real helper, from clone to end.</summary>
[SupportedOSPlatform("linux")]
public sealed class LiveContainerTests
{
    private static readonly TimeSpan Patience = Support.Deadline.Default * 2;

    [SkippableFact]
    public async Task A_job_runs_as_vcap_beneath_an_init_of_ours()
    {
        await using var container = LiveContainer.Make();
        await using var monitor = await container.StartAsync();
        var (status, stdout, stderr) = await LiveContainer.RunAsync(
            monitor, 1, "id -u; id -un; hostname; cat /proc/1/comm; pwd; echo $0; umask; echo to stderr >&2; exit 7");

        Assert.Equal("to stderr\n", stderr);
        Assert.Equal($"{LiveContainer.UserId}\nvcap\n{container.Id}\nwarden-init\n/home/vcap\n/bin/bash\n0022\n", stdout);
        Assert.Equal(7, status);
        await monitor.TerminateAsync(default);
        await container.NothingIsLeftAsync();
    }

    [SkippableFact]
    public async Task What_a_job_has_is_what_it_should_and_no_descriptor_more()
    {
        await using var container = LiveContainer.Make();
        await using var monitor = await container.StartAsync();
        var (_, stdout, stderr) = await LiveContainer.RunAsync(
            monitor, 1, "exec 0</dev/null; env -i /bin/bash -c 'echo /proc/self/fd/*' ; tr '\\0' '\\n' </proc/$$/environ | sort");

        Assert.Equal("", stderr);
        Assert.Equal(
            "/proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 /proc/self/fd/3\n"
            + "HOME=/home/vcap\nLANG=C.UTF-8\nPATH=/bin:/usr/bin\nUSER=vcap\n",
            stdout);
    }

    [SkippableFact]
    public async Task A_limit_that_the_kernel_refuses_is_an_error_that_names_it()
    {
        await using var container = LiveContainer.Make();
        await using var monitor = await container.StartAsync();
        var limits = ResourceLimitSet.Default.With([new(ResourceLimit.Nofile, 2000000000)]);
        var error = await Assert.ThrowsAsync<WardenException>(
            () => monitor.StartJobAsync(LiveContainer.Spec(1, "true") with { Limits = limits }, default).AsTask());

        Assert.Equal("Cannot set the limit nofile to 2000000000: Operation not permitted", error.Message);
        Assert.Null(await monitor.FindJobAsync(1, default));
        Assert.Equal(0, (await LiveContainer.RunAsync(monitor, 2, "true")).Status);
    }

    [SkippableFact]
    public async Task Output_limit_discard_and_signals_end_a_job_as_they_should()
    {
        await using var container = LiveContainer.Make();
        await using var monitor = await container.StartAsync();
        var loud = await monitor.StartJobAsync(
            LiveContainer.Spec(1, "printf 12345; head -c 100000 /dev/zero | tr '\\0' x; sleep 1000") with { OutputLimit = 1000 }, default);
        Assert.Equal(new JobEnd(255, true), await loud.Ended.WaitAsync(Patience));
        Assert.Equal("12345" + new string('x', 995), (await LiveContainer.ReadAsync(loud)).Stdout);

        var mute = await monitor.StartJobAsync(LiveContainer.Spec(2, "echo x; exit 3") with { DiscardOutput = true }, default);
        Assert.Equal(new JobEnd(3, false), await mute.Ended.WaitAsync(Patience));
        Assert.Equal("", (await LiveContainer.ReadAsync(mute)).Stdout);

        Assert.Equal(255, (await LiveContainer.RunAsync(monitor, 3, "kill -KILL $$")).Status);
    }

    [SkippableFact]
    public async Task Output_is_followed_while_it_is_printed_and_by_several()
    {
        await using var container = LiveContainer.Make();
        await using var monitor = await container.StartAsync();
        var job = await monitor.StartJobAsync(
            LiveContainer.Spec(1, "echo first; until [ -e go ]; do sleep 0.01; done; for i in {1..2000}; do echo line $i; done"), default);
        var readers = Enumerable.Range(0, 3).Select(_ => LiveContainer.ReadAsync(job)).ToArray();
        var first = await job.Output.ReadAsync(default, 100, default).AsTask().WaitAsync(Patience);
        Assert.Equal("first\n"u8, first.Data.Span);
        Assert.Equal(0, (await LiveContainer.RunAsync(monitor, 2, "touch go")).Status);

        var expected = "first\n" + string.Concat(Enumerable.Range(1, 2000).Select(i => $"line {i}\n"));
        Assert.All(await Task.WhenAll(readers), text => Assert.Equal(expected, text.Stdout));
    }

    [SkippableFact]
    public async Task A_later_connection_finds_jobs_that_run_and_that_ended()
    {
        await using var container = LiveContainer.Make();
        await using (var monitor = await container.StartAsync())
        {
            await monitor.StartJobAsync(LiveContainer.Spec(1, "echo running; until [ -e go ]; do sleep 0.01; done; exit 5"), default);
            Assert.Equal(6, (await LiveContainer.RunAsync(monitor, 2, "echo ended; exit 6")).Status);
            Assert.Equal(0, (await LiveContainer.RunAsync(monitor, 3, "true")).Status);
            (await monitor.FindJobAsync(3, default))!.Forget();
        }

        await using var later = await ContainerMonitor.ConnectAsync(container.Directory.Run, null, default);
        Assert.NotNull(later);
        Assert.Null(await later.FindJobAsync(3, default));
        var ended = (await later.FindJobAsync(2, default))!;
        Assert.Equal(6, (await ended.Ended.WaitAsync(Patience)).ExitStatus);
        Assert.Equal("ended\n", (await LiveContainer.ReadAsync(ended)).Stdout);
        var running = (await later.FindJobAsync(1, default))!;
        Assert.False(running.Ended.IsCompleted);
        Assert.Equal(0, (await LiveContainer.RunAsync(later, 4, "touch go")).Status);
        Assert.Equal(5, (await running.Ended.WaitAsync(Patience)).ExitStatus);
        Assert.Equal("running\n", (await LiveContainer.ReadAsync(running)).Stdout);
        await later.TerminateAsync(default);
        await container.NothingIsLeftAsync();
    }

    [SkippableFact]
    public async Task All_but_init_are_signalled_and_idle_is_told()
    {
        await using var container = LiveContainer.Make();
        await using var monitor = await container.StartAsync();
        await monitor.WaitUntilIdleAsync(default).AsTask().WaitAsync(Patience);
        const string Script = "setsid sleep 1000 >/dev/null 2>&1 & echo up; exec sleep 1000";
        var job = await monitor.StartJobAsync(LiveContainer.Spec(1, Script), default);
        await job.Output.ReadAsync(default, 10, default).AsTask().WaitAsync(Patience);
        var idle = monitor.WaitUntilIdleAsync(default).AsTask();
        Assert.False(idle.IsCompleted);
        await monitor.SignalAllAsync(StopSignal.Terminate, default);
        await idle.WaitAsync(Patience);

        Assert.Equal(255, (await job.Ended.WaitAsync(Patience)).ExitStatus);
        Assert.False(monitor.InitEnded.IsCompleted);
    }

    [SkippableFact]
    public async Task The_death_of_init_or_of_the_monitor_ends_jobs_and_is_told()
    {
        foreach (var kill in new[] { "init.pid", "monitor.pid" })
        {
            await using var container = LiveContainer.Make();
            await using var monitor = await container.StartAsync();
            var job = await monitor.StartJobAsync(LiveContainer.Spec(1, "echo up; exec sleep 1000"), default);
            var first = await job.Output.ReadAsync(default, 10, default).AsTask().WaitAsync(Patience);
            using (var victim = ProcessFile.Open(Path.Combine(container.Directory.Run, kill)))
            {
                victim!.Kill();
            }

            await monitor.InitEnded.WaitAsync(Patience);
            Assert.Equal(255, (await job.Ended.WaitAsync(Patience)).ExitStatus);
            Assert.True((await job.Output.ReadAsync(first.Next, 10, default).AsTask().WaitAsync(Patience)).IsEnd);
            await Assert.ThrowsAsync<WardenException>(() => monitor.StartJobAsync(LiveContainer.Spec(2, "true"), default).AsTask());
            await monitor.SignalAllAsync(StopSignal.Terminate, default);
            await monitor.WaitUntilIdleAsync(default);
            await monitor.TerminateAsync(default);
            await monitor.TerminateAsync(default);
            Assert.Null(await ContainerMonitor.ConnectAsync(container.Directory.Run, null, default));
            await container.NothingIsLeftAsync();
        }
    }

    [SkippableFact]
    public async Task A_monitor_killed_at_any_moment_under_load_loses_nothing_that_was_printed_and_hangs_nobody()
    {
        var random = new Random();
        for (var round = 0; round < 8; round++)
        {
            await using var container = LiveContainer.Make();
            await using var monitor = await container.StartAsync();
            var id = 0u;
            var working = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
            {
                for (; ; )
                {
                    IBackendJob job;
                    try
                    {
                        job = await monitor.StartJobAsync(LiveContainer.Spec(Interlocked.Increment(ref id), "echo {1..50}"), default);
                    }
                    catch (WardenException)
                    {
                        return;
                    }

                    var (stdout, stderr) = await LiveContainer.ReadAsync(job);
                    var end = await job.Ended.WaitAsync(Patience);
                    Assert.Equal("", stderr);
                    Assert.True(end.ExitStatus is 0 or 255, $"The status is {end.ExitStatus}.");
                    if (end.ExitStatus == 0)
                    {
                        Assert.Equal(string.Join(' ', Enumerable.Range(1, 50)) + "\n", stdout);
                    }
                }
            })).ToArray();
            var many = (uint)random.Next(1, 60);
            while (Volatile.Read(ref id) < many && !working.Any(task => task.IsCompleted))
            {
                await Task.Yield();
            }

            using (var victim = ProcessFile.Open(Path.Combine(container.Directory.Run, "monitor.pid")))
            {
                victim!.Kill();
            }

            await Task.WhenAll(working).WaitAsync(Patience);
            await monitor.InitEnded.WaitAsync(Patience);
            await monitor.TerminateAsync(default);
            await container.NothingIsLeftAsync();
        }
    }

    [SkippableFact]
    public async Task A_step_that_fails_is_told_with_its_path_and_leaves_nothing()
    {
        await using var container = LiveContainer.Make();
        container.Start = container.Start with { Lower = "/nonexistent/rootfs" };
        var error = await Assert.ThrowsAsync<WardenException>(() => container.StartAsync().AsTask());

        Assert.Contains("/nonexistent/rootfs", error.Message, StringComparison.Ordinal);
        Assert.Contains("parent-before-clone", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("No such file or directory", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_container_without_its_interface_fails_after_the_pivot_and_leaves_nothing()
    {
        await using var container = LiveContainer.Make();
        var error = await Assert.ThrowsAsync<WardenException>(() => container.StartAsync((_, _) => new((string?)null)).AsTask());

        Assert.Contains($"w-{container.Id}-1 (child-after-pivot): No such device", error.Message, StringComparison.Ordinal);
        await container.NothingIsLeftAsync();
    }

    [SkippableFact]
    public async Task What_fails_between_the_barriers_is_thrown_as_it_is_and_leaves_nothing()
    {
        await using var container = LiveContainer.Make();
        var error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => container.StartAsync((_, _) => throw new InvalidOperationException("no cgroup")).AsTask());

        Assert.Equal("no cgroup", error.Message);
        await container.NothingIsLeftAsync();
    }

    [SkippableFact]
    public async Task A_start_that_is_given_up_leaves_nothing()
    {
        await using var container = LiveContainer.Make();
        using var end = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => container.StartAsync(
            async (pid, token) =>
            {
                await end.CancelAsync();
                await Task.Delay(Timeout.Infinite, token);
                return null;
            },
            end.Token).AsTask());
        await container.NothingIsLeftAsync();
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_death_of_either_side_behind_the_barrier_is_told_and_leaves_nothing(bool child)
    {
        await using var container = LiveContainer.Make();
        await Assert.ThrowsAsync<WardenException>(() => container.StartAsync((pid, _) =>
        {
            var victim = child ? pid : ParentOf(pid);
            using var process = HostProcess.Open(victim);
            process!.Kill();
            return new((string?)null);
        }).AsTask());
        await container.NothingIsLeftAsync();
    }

    private static int ParentOf(int pid) => int.Parse(
        File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith("PPid:", StringComparison.Ordinal))[5..],
        System.Globalization.CultureInfo.InvariantCulture);
}
