using Microsoft.Extensions.Time.Testing;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;
using Warden.Spec.Backend;
using Xunit;
using static Warden.ConformanceTests.Units.Machine.MachineTestExtensions;

namespace Warden.ConformanceTests.Units.Machine;

public sealed class ProcessTests
{
    [Fact]
    public async Task A_parent_gets_its_childrens_exit_statuses()
    {
        using var test = new TestContainer();
        await test.RunAsync(async process =>
        {
            Assert.True(process.Id > 1);
            Assert.Equal(1, process.ParentId);
            var child = process.Fork(_ => new(7));
            Assert.Equal((child.Id, new ExitStatus(7, false)), await process.WaitAsync(child.Id));
            await FailsAsync(Errno.ECHILD, async () => await process.WaitAsync(null));
            Fails(Errno.ECHILD, () => process.TryWait(null));
        });
        await test.Container.WaitUntilIdleAsync().Within();
        Assert.Single(test.Container.Processes);
    }

    [Fact]
    public async Task A_killed_process_is_dead_at_once_even_when_its_code_never_returns()
    {
        using var test = new TestContainer();
        var forever = new TaskCompletionSource();
        await test.RunAsync(async process =>
        {
            var (read, write) = process.Pipe();
            var cancelled = new TaskCompletionSource();
            var child = process.Fork(async self =>
            {
                self.Killed.Register(cancelled.SetResult);
                await self.WriteAsync(write, "x");
                await forever.Task;
                return 0;
            });
            process.Close(write);
            Assert.Equal(1, await process.ReadAsync(read, new byte[10]));
            process.Kill(child.Id, Signal.KILL);
            Assert.Equal('Z', child.StateLetter);
            Assert.Equal(0, await process.ReadAsync(read, new byte[10]));
            Assert.Equal((child.Id, new ExitStatus(9, true)), process.TryWait(child.Id));
            await cancelled.Task.Within();
            Fails(Errno.ESRCH, () => process.Kill(child.Id, null));
        });
    }

    [Fact]
    public async Task A_kill_ends_every_kind_of_wait()
    {
        using var test = new TestContainer();
        await test.RunAsync(async process =>
        {
            process.MakeFifo("/tmp/f", 0x1B6);
            var (read, _) = process.Pipe();
            Func<Process, ValueTask<int>>[] waits =
            [
                async self => await self.SleepAsync(Timeout.InfiniteTimeSpan) ? 0 : 1,
                async self => await self.SleepAsync(TimeSpan.FromDays(400)) ? 0 : 1,
                async self => await self.ReadAsync(read, new byte[1]),
                async self => await self.OpenAsync("/tmp/f", OpenFlags.Read),
                async self =>
                {
                    self.Fork(async grandchild => await grandchild.SleepAsync(Timeout.InfiniteTimeSpan) ? 0 : 1);
                    await self.WaitAsync(null);
                    return 0;
                },
            ];
            foreach (var wait in waits)
            {
                var child = process.Fork(wait);
                await UntilAsync(() => child.StateLetter == 'S');
                process.Kill(child.Id, Signal.TERM);
                Assert.Equal((child.Id, new ExitStatus(15, true)), await process.WaitAsync(child.Id));
            }
        });
        test.Container.SignalAll(Signal.KILL);
        await test.Container.WaitUntilIdleAsync().Within();
    }

    [Fact]
    public async Task Orphans_become_inits_children_and_are_reaped_by_it()
    {
        using var test = new TestContainer();
        Process? orphan = null;
        await test.RunAsync(async process =>
        {
            var middle = process.Fork(self =>
            {
                orphan = self.Fork(async inner => await inner.SleepAsync(Timeout.InfiniteTimeSpan) ? 0 : 1);
                return new(0);
            });
            await process.WaitAsync(middle.Id);
        });
        Assert.Equal(1, orphan!.ParentId);
        test.Container.SignalAll(Signal.TERM);
        await test.Container.WaitUntilIdleAsync().Within();
    }

    [Fact]
    public async Task A_stopped_process_waits_at_its_next_call_until_it_is_continued()
    {
        using var test = new TestContainer();
        await test.RunAsync(async process =>
        {
            var (read, write) = process.Pipe();
            var child = process.Fork(async self =>
            {
                while (true)
                {
                    await self.WriteAsync(write, "x");
                    await self.SleepAsync(TimeSpan.FromMilliseconds(1));
                }
            });
            await process.ReadAsync(read, new byte[1]);
            process.Kill(child.Id, Signal.STOP);
            await UntilAsync(() => child.StateLetter == 'T');
            var buffer = new byte[1000];
            var pending = process.ReadAsync(read, buffer).AsTask();
            while (pending.IsCompleted)
            {
                pending = process.ReadAsync(read, buffer).AsTask();
                await Task.Yield();
            }

            process.Kill(child.Id, Signal.CONT);
            await pending.Within();
            process.Kill(child.Id, Signal.STOP);
            process.Kill(child.Id, Signal.TERM);
            Assert.Null(process.TryWait(child.Id));
            process.Kill(child.Id, Signal.CONT);
            Assert.Equal((child.Id, new ExitStatus(15, true)), await process.WaitAsync(child.Id));
        });
    }

    [Fact]
    public async Task Handled_signals_are_queued_and_end_interruptible_waits()
    {
        using var test = new TestContainer();
        await test.RunAsync(async process =>
        {
            var child = process.Fork(async self =>
            {
                self.SetSignalAction(Signal.USR1, SignalAction.Handle);
                self.SetSignalAction(Signal.TERM, SignalAction.Ignore);
                var finished = await self.SleepAsync(Timeout.InfiniteTimeSpan, interruptible: true);
                return !finished && self.TryTakeSignal(out var signal) && signal == Signal.USR1 && !self.HasPendingSignal ? 42 : 1;
            });
            await UntilAsync(() => child.StateLetter == 'S');
            process.Kill(child.Id, Signal.TERM);
            process.Kill(child.Id, Signal.USR1);
            Assert.Equal((child.Id, new ExitStatus(42, false)), await process.WaitAsync(child.Id));
        });
    }

    [Fact]
    public async Task Faults_of_a_program_end_it_alone_with_a_message()
    {
        using var test = new TestContainer();
        await test.RunAsync(async process =>
        {
            var (read, write) = process.Pipe();
            process.DuplicateTo(write, 2);
            process.Close(write);
            process.Fork(_ => throw new InvalidOperationException("broken"));
            Assert.Equal(new ExitStatus(6, true), (await process.WaitAsync(null))!.Value.Status);
            process.Fork(_ => throw new ErrnoException(Errno.EIO));
            Assert.Equal(new ExitStatus(1, false), (await process.WaitAsync(null))!.Value.Status);
            process.Close(2);
            Assert.Equal(
                "test-body: InvalidOperationException: broken\ntest-body: Input/output error\n", await process.ReadAllAsync(read));
        });
    }

    [Fact]
    public async Task Programs_run_from_their_files_their_copies_and_scripts_and_appear_when_added()
    {
        var programs = new Emulator.Programs.ProgramTable();
        using var test = new TestContainer(programs: programs);
        programs.Add("args", async process =>
        {
            await process.WriteAsync(1, string.Join(',', process.Arguments) + ":" + process.CommandName + ":" + process.GetEnvironment("A"));
            return 3;
        });
        await test.RunAsync(async process =>
        {
            async Task<string> Run(string path, params string[] arguments)
            {
                var (read, write) = process.Pipe();
                var child = process.Spawn(path, [path, .. arguments], [new("A", "b")], prepared => prepared.DuplicateTo(write, 1));
                process.Close(write);
                var output = await process.ReadAllAsync(read);
                process.Close(read);
                Assert.Equal(new ExitStatus(3, false), (await process.WaitAsync(child.Id))!.Value.Status);
                return output;
            }

            Assert.Equal("/usr/bin/args,x:args:b", await Run("/usr/bin/args", "x"));
            Assert.Equal("/bin/args:args:b", await Run("/bin/args"));
            await process.WriteFileAsync("/tmp/copy", await process.ReadFileAsync("/bin/args"));
            Fails(Errno.EACCES, () => process.Spawn("/tmp/copy", ["c"], []));
            process.ChangeMode("/tmp/copy", 0x1ED);
            Assert.Equal("/tmp/copy:copy:b", await Run("/tmp/copy"));
            await process.WriteFileAsync("/tmp/script", "#! /tmp/copy -e -f\nanything\n");
            process.ChangeMode("/tmp/script", 0x1ED);
            Assert.Equal("/tmp/copy,-e -f,/tmp/script,y:script:b", await Run("/tmp/script", "y"));
            await process.WriteFileAsync("/tmp/text", "echo\n");
            process.ChangeMode("/tmp/text", 0x1ED);
            Fails(Errno.ENOEXEC, () => process.Spawn("/tmp/text", ["t"], []));
            Fails(Errno.ENOENT, () => process.Spawn("/tmp/none", ["t"], []));
            Fails(Errno.EACCES, () => process.Spawn("/tmp", ["t"], []));
            Assert.Equal(2, test.Container.Processes.Count);
        });
    }

    [Fact]
    public async Task Limits_of_descriptors_processes_and_file_size_are_enforced()
    {
        using var test = new TestContainer();
        var limits = ResourceLimitSet.Default.With(
            [new(ResourceLimit.Nofile, 5), new(ResourceLimit.Nproc, 3), new(ResourceLimit.Fsize, 10)]);
        await test.RunAsync(
            async process =>
            {
                process.Pipe();
                process.Pipe();
                Fails(Errno.EMFILE, () => process.Pipe());
                Assert.Equal([0, 1, 2, 3], process.Descriptors);
                process.Fork(async self => await self.SleepAsync(Timeout.InfiniteTimeSpan) ? 0 : 1);
                process.Fork(async self => await self.SleepAsync(Timeout.InfiniteTimeSpan) ? 0 : 1);
                Fails(Errno.EAGAIN, () => process.Fork(_ => new(0)));
                process.Kill(-1, Signal.KILL);
                await process.WaitAsync(null);
                await process.WaitAsync(null);
                process.SetSignalAction(Signal.XFSZ, SignalAction.Ignore);
                await FailsAsync(Errno.EFBIG, () => process.WriteFileAsync("/tmp/x", "0123456789abc"));
                Assert.Equal(10, process.Stat("/tmp/x").Size);
                process.SetSignalAction(Signal.XFSZ, SignalAction.Default);
                process.Fork(async self =>
                {
                    await self.WriteFileAsync("/tmp/x", "0123456789abc");
                    return 0;
                });
                Assert.Equal(new ExitStatus(25, true), (await process.WaitAsync(null))!.Value.Status);
            },
            TestContainer.User,
            limits);
    }

    [Fact]
    public async Task Over_the_memory_limit_the_largest_process_is_killed_and_the_notification_follows()
    {
        var clock = new FakeTimeProvider();
        using var test = new TestContainer(clock);
        await test.RunAsync(async process =>
        {
            Assert.False(test.Container.TrySetMemoryLimit(1));
            Assert.True(test.Container.TrySetMemoryLimit((8 << 20) + 1));
            Assert.Equal((8UL << 20) + 4096, test.Container.MemoryLimit);
            var before = test.Container.MemoryBytes;
            var child = process.Fork(self =>
            {
                self.Allocate(4 << 20);
                self.Allocate(8 << 20);
                return new(0);
            });
            Assert.Equal((child.Id, new ExitStatus(9, true)), await process.WaitAsync(child.Id));
            Assert.Equal(before, test.Container.MemoryBytes);
            Assert.False(test.Container.OutOfMemory.IsCompleted);
            clock.Advance(TimeSpan.FromMilliseconds(100));
            await test.Container.OutOfMemory.Within();
        });
        Assert.Equal(0, test.Container.MemoryBytes);
    }

    [Fact]
    public async Task Sleeps_follow_the_machines_clock()
    {
        var clock = new FakeTimeProvider();
        using var test = new TestContainer(clock);
        var process = test.Start(async self => await self.SleepAsync(TimeSpan.FromHours(1)) ? 5 : 6);
        await UntilAsync(() => process.StateLetter == 'S');
        clock.Advance(TimeSpan.FromMinutes(59));
        Assert.False(process.Exited.IsCompleted);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(5, (await process.Exited.Within()).Code);
        Assert.True(test.Container.ProcessorTime > TimeSpan.Zero);
    }

    [Fact]
    public async Task A_destroyed_container_has_no_processes_and_starts_none()
    {
        var test = new TestContainer();
        var process = test.Start(async self => await self.SleepAsync(Timeout.InfiniteTimeSpan) ? 0 : 1);
        test.Dispose();
        Assert.Equal(new ExitStatus(9, true), await process.Exited.Within());
        Fails(Errno.ESRCH, () => test.Start(_ => new(0)));
    }

    [Fact]
    public async Task A_loop_without_end_leaves_room_for_others_and_ends_at_its_limit_of_time()
    {
        using var test = new TestContainer();
        await test.RunAsync(async process =>
        {
            process.SetLimit(ResourceLimit.Cpu, 1, 2);
            process.Fork(async self =>
            {
                while (true)
                {
                    await self.CheckpointAsync();
                }
            });
            Assert.Equal(new ExitStatus((int)Signal.XCPU, true), (await process.WaitAsync(null))!.Value.Status);
            Assert.True(process.ProcessorTime.Children >= TimeSpan.FromSeconds(1));
        });
    }

    [Fact]
    public async Task A_process_may_use_the_pipes_that_it_was_given_by_their_names()
    {
        using var test = new TestContainer();
        var written = "";
        var process = test.Start(
            async self =>
            {
                var buffer = new byte[3];
                Assert.Equal(3, await self.ReadAsync(0, buffer));
                await self.WriteFileAsync("/dev/stdout", await self.ReadFileAsync("/dev/stdin"));
                return 0;
            },
            TestContainer.User,
            files:
            [
                new ScriptInput(test.Container, "abcdef"u8.ToArray()),
                new OutputSink(test.Container, (_, data) =>
                {
                    written += ByteText.FromBytes(data.Span);
                    return default;
                }),
            ]);
        Assert.Equal(new ExitStatus(0, false), await process.Exited.Within());
        Assert.Equal("def", written);
    }

    [Fact]
    public async Task A_program_may_call_itself_deeper_than_a_threads_stack()
    {
        using var test = new TestContainer();
        await test.RunAsync(async process =>
        {
            async ValueTask<int> DescendAsync(int depth)
            {
                await process.CheckpointAsync();
                return depth == 0 ? 0 : 1 + await DescendAsync(depth - 1);
            }

            Assert.Equal(100_000, await DescendAsync(100_000));
        });
    }

    [Fact]
    public async Task One_kill_of_all_ends_even_processes_that_multiply()
    {
        using var test = new TestContainer();
        async ValueTask<int> MultiplyAsync(Process self)
        {
            while (true)
            {
                try
                {
                    self.Fork(MultiplyAsync);
                    self.Fork(_ => new(0));
                    await self.WaitAsync(null);
                }
                catch (ErrnoException)
                {
                    await self.SleepAsync(TimeSpan.FromMilliseconds(1));
                }
            }
        }

        test.Start(MultiplyAsync, TestContainer.User, ResourceLimitSet.Default.With([new(ResourceLimit.Nproc, 200)]));
        await UntilAsync(() => test.Container.Processes.Count > 150);
        test.Container.SignalAll(Signal.KILL);
        await test.Container.WaitUntilIdleAsync().Within();
        Assert.Equal(0, test.Container.MemoryBytes);
    }
}
