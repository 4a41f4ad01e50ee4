using System.Runtime.Versioning;
using System.Text;
using Warden.Linux.Processes;
using Warden.Spec;
using Warden.Spec.Backend;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Processes;

/// <summary>What a server makes of what a monitor says, or does not.</summary>
[SupportedOSPlatform("linux")]
public sealed class ContainerMonitorTests
{
    private static readonly TimeSpan Patience = Support.Deadline.Default;

    [SkippableFact]
    public async Task A_job_ends_with_the_status_of_its_event_and_prints_what_is_in_its_log()
    {
        await using var fake = Make();
        await using var monitor = await fake.ConnectAsync();
        var job = await StartAsync(fake, monitor, 5);
        fake.WriteLog(5, LogFile.Record(1, "hello"u8), LogFile.EndRecord(5, 3));
        fake.Send(MessageType.JobEnded, 0, LogFile.EndRecord(5, 3)[8..]);

        Assert.Equal(new JobEnd(3, false), await job.Ended.WaitAsync(Patience));
        var chunk = await job.Output.ReadAsync(default, 100, default);
        Assert.Equal("hello", Encoding.UTF8.GetString(chunk.Data.Span));
        Assert.True((await job.Output.ReadAsync(chunk.Next, 100, default)).IsEnd);
    }

    [SkippableFact]
    public async Task A_job_over_its_output_limit_has_status_255()
    {
        await using var fake = Make();
        await using var monitor = await fake.ConnectAsync();
        var job = await StartAsync(fake, monitor, 5);
        fake.Send(MessageType.JobEnded, 0, LogFile.EndRecord(5, 0, flags: 1)[8..]);

        Assert.Equal(new JobEnd(255, true), await job.Ended.WaitAsync(Patience));
    }

    [SkippableFact]
    public async Task A_limit_that_the_kernel_refuses_is_named_with_its_value()
    {
        await using var fake = Make();
        await using var monitor = await fake.ConnectAsync();
        var limits = ResourceLimitSet.Default.With([new(ResourceLimit.Nofile, 20000000)]);
        var starting = monitor.StartJobAsync(Spec(1) with { Limits = limits }, default).AsTask();
        var (tag, _) = await fake.ExpectAsync(MessageType.JobStart);
        fake.Fail(tag, 1, "setrlimit", "nofile", "set the limit");

        var error = await Assert.ThrowsAsync<WardenException>(() => starting.WaitAsync(Patience));
        Assert.Equal("Cannot set the limit nofile to 20000000: Operation not permitted", error.Message);
        Assert.Null(await monitor.FindJobAsync(1, default));
    }

    [SkippableFact]
    public async Task A_program_that_is_not_there_is_named()
    {
        await using var fake = Make();
        await using var monitor = await fake.ConnectAsync();
        var starting = monitor.StartJobAsync(Spec(1), default).AsTask();
        var (tag, _) = await fake.ExpectAsync(MessageType.JobStart);
        fake.Fail(tag, 2, "exec", "/bin/bash", "start");

        var error = await Assert.ThrowsAsync<WardenException>(() => starting.WaitAsync(Patience));
        Assert.Equal("Cannot start /bin/bash in the container: No such file or directory", error.Message);
    }

    [SkippableFact]
    public async Task A_monitor_that_dies_takes_init_with_it_and_ends_every_job_and_call()
    {
        await using var fake = Make(running: [7, 8]);
        await using var monitor = await fake.ConnectAsync();
        fake.WriteLog(7, LogFile.Record(1, "x"u8), LogFile.EndRecord(7, 4));
        fake.WriteLog(8, LogFile.Record(1, "y"u8));
        var ended = await FindAsync(monitor, 7);
        var lost = await FindAsync(monitor, 8);
        var starting = monitor.StartJobAsync(Spec(9), default).AsTask();
        await fake.ExpectAsync(MessageType.JobStart);
        var idle = monitor.WaitUntilIdleAsync(default).AsTask();
        await fake.ExpectAsync(MessageType.WaitIdle);
        fake.Die();

        var error = await Assert.ThrowsAsync<WardenException>(() => starting.WaitAsync(Patience));
        Assert.Equal("The container's init has ended", error.Message);
        await idle.WaitAsync(Patience);
        await monitor.InitEnded.WaitAsync(Patience);
        Assert.Equal(4, (await ended.Ended).ExitStatus);
        Assert.Equal(255, (await lost.Ended).ExitStatus);
        await monitor.SignalAllAsync(StopSignal.Kill, default);
        await monitor.TerminateAsync(default);
        await fake.Ended.WaitAsync(Patience);
    }

    [SkippableTheory]
    [InlineData(new byte[] { 1, 0, 0 })]
    [InlineData(new byte[] { 12, 0, 0, 0, 200, 0, 0, 0, 0, 0, 0, 0, 1, 2 })]
    [InlineData(new byte[] { 4, 0, 0, 0, 200, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4 })]
    [InlineData(new byte[] { 0xff, 0xff, 0xff, 0xff, 200, 0, 0, 0, 0, 0, 0, 0 })]
    public async Task What_is_no_message_counts_as_the_monitors_end(byte[] torn)
    {
        await using var fake = Make();
        await using var monitor = await fake.ConnectAsync();
        var job = await StartAsync(fake, monitor, 1);
        fake.SendRaw(torn);
        fake.Die();

        Assert.Equal(255, (await job.Ended.WaitAsync(Patience)).ExitStatus);
        await monitor.InitEnded.WaitAsync(Patience);
    }

    [SkippableFact]
    public async Task Messages_that_come_in_pieces_are_put_together()
    {
        await using var fake = Make(running: [1]);
        await using var monitor = await fake.ConnectAsync();
        var job = await FindAsync(monitor, 1);
        byte[] message = [.. FakeMonitor.Header(12, MessageType.JobEnded, 0), .. LogFile.EndRecord(1, 9)[8..]];
        foreach (var piece in message.Chunk(5))
        {
            fake.SendRaw(piece);
        }

        Assert.Equal(9, (await job.Ended.WaitAsync(Patience)).ExitStatus);
    }

    [SkippableFact]
    public async Task A_later_server_finds_what_runs_and_what_ended_and_not_what_was_forgotten()
    {
        await using var fake = Make(running: [1]);
        fake.WriteLog(1);
        fake.WriteLog(2, LogFile.Record(2, "text"u8), LogFile.EndRecord(2, 17));
        await using var monitor = await fake.ConnectAsync();

        Assert.False((await FindAsync(monitor, 1)).Ended.IsCompleted);
        var ended = await FindAsync(monitor, 2);
        Assert.Equal(17, (await ended.Ended).ExitStatus);
        Assert.Null(await monitor.FindJobAsync(3, default));

        ended.Forget();
        Assert.Null(await monitor.FindJobAsync(2, default));
        Assert.False(File.Exists(fake.LogOf(2)));
        var (_, body) = await fake.ExpectAsync(MessageType.JobForget);
        Assert.Equal([2, 0, 0, 0], body);
    }

    [SkippableFact]
    public async Task A_job_that_is_neither_running_nor_ended_is_followed()
    {
        await using var fake = Make();
        fake.WriteLog(4, LogFile.Record(1, "x"u8));
        await using var monitor = await fake.ConnectAsync();
        var job = await FindAsync(monitor, 4);
        var (tag, _) = await fake.ExpectAsync(MessageType.JobWatch);
        Assert.False(job.Ended.IsCompleted);
        fake.Fail(tag, 2, "job", "", "no such job");

        Assert.Equal(255, (await job.Ended.WaitAsync(Patience)).ExitStatus);
    }

    [SkippableFact]
    public async Task A_container_without_a_living_monitor_or_init_is_not_found()
    {
        await using var dead = Make();
        dead.Die();
        Assert.Null(await ContainerMonitor.ConnectAsync(dead.RunDirectory, null, default));
        Assert.Null(await ContainerMonitor.ConnectAsync(dead.RunDirectory + "/none", null, default));

        await using var orphan = Make();
        orphan.InitAlive = false;
        Assert.Null(await ContainerMonitor.ConnectAsync(orphan.RunDirectory, null, default));
    }

    [SkippableFact]
    public async Task A_monitor_of_another_version_is_told()
    {
        await using var fake = Make();
        fake.Version = 2;
        var error = await Assert.ThrowsAsync<IOException>(
            () => ContainerMonitor.ConnectAsync(fake.RunDirectory, null, default).AsTask());
        Assert.Equal("The monitor speaks version 2 of its protocol, not 1", error.Message);
    }

    [SkippableFact]
    public async Task Who_waits_for_a_monitor_that_says_nothing_may_give_up()
    {
        await using var fake = Make();
        fake.IsSilent = true;
        using var end = new CancellationTokenSource();
        var connecting = ContainerMonitor.ConnectAsync(fake.RunDirectory, null, end.Token).AsTask();
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.WaitAsync(Patience));
    }

    [SkippableFact]
    public async Task Out_of_memory_is_told_when_it_happens_and_when_it_has()
    {
        await using var fake = Make();
        await using var monitor = await fake.ConnectAsync();
        Assert.False(monitor.OutOfMemory.IsCompleted);
        fake.Send(MessageType.OutOfMemory, 0);
        await monitor.OutOfMemory.WaitAsync(Patience);

        await using var other = Make();
        other.OutOfMemory = true;
        await using var recovered = await other.ConnectAsync();
        Assert.True(recovered.OutOfMemory.IsCompleted);
    }

    [SkippableFact]
    public async Task An_end_is_asked_for_and_a_monitor_that_does_not_end_is_killed()
    {
        await using var fake = Make(running: [1]);
        await using var monitor = await fake.ConnectAsync();
        var job = await FindAsync(monitor, 1);
        var ending = monitor.TerminateAsync(default).AsTask();
        await fake.ExpectAsync(MessageType.Terminate);
        fake.Die();

        await ending.WaitAsync(Patience);
        Assert.Equal(255, (await job.Ended).ExitStatus);
        await monitor.TerminateAsync(default);
        await fake.Ended.WaitAsync(Patience);
        job.Forget();
    }

    [SkippableFact]
    public async Task The_end_of_the_connection_by_the_server_ends_nothing_else()
    {
        await using var fake = Make(running: [1]);
        var monitor = await fake.ConnectAsync();
        var job = await FindAsync(monitor, 1);
        await monitor.DisposeAsync();

        Assert.False(job.Ended.IsCompleted);
        Assert.False(monitor.InitEnded.IsCompleted);
        Assert.False(fake.Ended.IsCompleted);
    }

    [SkippableFact]
    public async Task Remains_are_killed_and_processes_that_took_over_their_ids_are_not()
    {
        await using var fake = Make();
        await ContainerMonitor.KillRemainsAsync(fake.RunDirectory, default);
        fake.WriteProcessFiles(skew: 1);
        await ContainerMonitor.KillRemainsAsync(fake.RunDirectory, default);
        File.WriteAllText(Path.Combine(fake.RunDirectory, "init.pid"), "1 0\n");
        await ContainerMonitor.KillRemainsAsync(fake.RunDirectory, default);
        Assert.False(fake.Ended.IsCompleted);

        fake.WriteProcessFiles();
        await ContainerMonitor.KillRemainsAsync(fake.RunDirectory, default);
        await fake.Ended.WaitAsync(Patience);
        await ContainerMonitor.KillRemainsAsync(fake.RunDirectory, default);
    }

    private static FakeMonitor Make(params uint[] running)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Linux alone has monitors.");
        return new FakeMonitor(running);
    }

    private static JobSpec Spec(uint id) =>
        new() { Id = id, Script = "true"u8.ToArray(), Limits = ResourceLimitSet.Default, Language = "C" };

    private static async Task<IBackendJob> StartAsync(FakeMonitor fake, ContainerMonitor monitor, uint id)
    {
        var starting = monitor.StartJobAsync(Spec(id), default).AsTask();
        var (tag, _) = await fake.ExpectAsync(MessageType.JobStart);
        fake.Send(MessageType.JobStarted, tag, MonitorProtocol.JobId(id));
        return await starting.WaitAsync(Patience);
    }

    private static async Task<IBackendJob> FindAsync(ContainerMonitor monitor, uint id) =>
        await monitor.FindJobAsync(id, default) ?? throw new InvalidOperationException($"There is no job {id}.");
}
