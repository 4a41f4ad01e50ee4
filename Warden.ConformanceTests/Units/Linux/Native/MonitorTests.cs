using System.Globalization;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Units.Linux.Processes;
using Warden.Linux.Processes;
using Warden.Spec.Backend;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Native;

/// <summary>What the helper's monitor keeps and passes on.</summary>
[SupportedOSPlatform("linux")]
public sealed class MonitorTests
{
    private static readonly TimeSpan Patience = Support.Deadline.Default * 2;

    [SkippableFact]
    public async Task The_console_is_logged_as_it_was_written_and_rotated()
    {
        await using var container = LiveContainer.Make();
        container.Start = container.Start with { ConsoleMaxBytes = 1000 };
        await using var monitor = await container.StartAsync();
        var lines = string.Concat(Enumerable.Range(1, 100).Select(i => $"line {i:000} of all\n"));
        Assert.Equal(0, (await LiveContainer.RunAsync(
            monitor, 1, "for i in $(seq 100); do printf 'line %03d of all\\n' $i; done > /dev/console", privileged: true)).Status);

        await UntilAsync(() => Read(container.Start.ConsoleLog).EndsWith("line 100 of all\n", StringComparison.Ordinal));
        var kept = Read(container.Start.ConsoleLog + ".1") + Read(container.Start.ConsoleLog);
        Assert.EndsWith(kept, lines, StringComparison.Ordinal);
        Assert.InRange(kept.Length, 1000, 2000);
    }

    [SkippableFact]
    public async Task A_list_of_processes_shows_whose_monitor_it_is()
    {
        await using var container = LiveContainer.Make();
        await using var monitor = await container.StartAsync();
        foreach (var file in (string[])["monitor.pid", "init.pid"])
        {
            var id = Read(Path.Combine(container.Directory.Run, file)).Split(' ')[0];
            Assert.Equal($"warden-helper\0start\0{container.Id}\0", await File.ReadAllTextAsync($"/proc/{id}/cmdline"));
        }
    }

    [SkippableFact]
    public async Task A_monitor_without_init_and_server_ends()
    {
        await using var container = LiveContainer.Make();
        await using (var monitor = await container.StartAsync())
        {
            await LiveContainer.RunAsync(monitor, 1, "exit 3");
        }

        using var process = HostProcess.Open(Id("monitor.pid"));
        using (var init = HostProcess.Open(Id("init.pid")))
        {
            init!.Kill();
        }

        await process!.Ended.WaitAsync(Patience);
        Assert.Equal(3, JobLog.ReadEnd(JobLog.PathOf(container.Directory.Run, 1))?.Status);

        int Id(string file) => int.Parse(Read(Path.Combine(container.Directory.Run, file)).Split(' ')[0], CultureInfo.InvariantCulture);
    }

    [SkippableFact]
    public async Task Output_that_cannot_be_stored_is_dropped_and_the_status_is_told()
    {
        await using var container = LiveContainer.Make();
        await using var monitor = await container.StartAsync();
        var id = Read(Path.Combine(container.Directory.Run, "monitor.pid")).Split(' ')[0];

        // A limit of the size of files refuses what a full disk does.
        await LimitFilesAsync(id, "100");
        var job = await monitor.StartJobAsync(
            LiveContainer.Spec(1, "printf early; until [ -e go ]; do sleep 0.01; done; head -c 300000 /dev/zero | tr '\\0' 7; exit 3"), default);
        var early = await job.Output.ReadAsync(default, 100, default);
        Assert.Equal("early"u8, early.Data.Span);
        Assert.Equal(0, (await LiveContainer.RunAsync(monitor, 2, "touch go")).Status);

        // What fits under the limit is kept: the first bytes, and no more than those.
        Assert.Equal(new JobEnd(3, false, OutputNotStored: true), await job.Ended.WaitAsync(Patience));
        Assert.StartsWith("early77", (await LiveContainer.ReadAsync(job)).Stdout);

        // The end is written as soon as there is room for it: a later server finds it.
        await LimitFilesAsync(id, "unlimited");
        await Deadline.UntilAsync("the end is in the log", () =>
            Task.FromResult(JobLog.ReadEnd(JobLog.PathOf(container.Directory.Run, 1)) == new JobEndRecord(1, 3, false, OutputNotStored: true)));
    }

    [SkippableFact]
    public async Task Tagged_lines_go_to_whoever_listens()
    {
        await using var container = LiveContainer.Make();
        var path = Path.Combine(container.Directory.Path, "syslog");
        container.Start = container.Start with { SyslogSocket = path };
        await using var monitor = await container.StartAsync();
        var early = await monitor.StartJobAsync(LiveContainer.Spec(1, "echo lost") with { LogTag = "app" }, default);
        Assert.Equal(0, (await early.Ended.WaitAsync(Patience)).ExitStatus);

        using var listener = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        var spec = LiveContainer.Spec(2, "echo one; echo; printf '%08000d\\n' 7; printf rest") with { LogTag = "app", DiscardOutput = true };
        await (await monitor.StartJobAsync(spec, default)).Ended.WaitAsync(Patience);
        await (await monitor.StartJobAsync(LiveContainer.Spec(3, "echo two >&2") with { LogTag = "app" }, default)).Ended.WaitAsync(Patience);

        var received = new List<(string Priority, string Text)>();
        var buffer = new byte[16384];
        while (received.Count < 6)
        {
            using var deadline = new CancellationTokenSource(Patience);
            var text = Encoding.UTF8.GetString(buffer, 0, await listener.ReceiveAsync(buffer.AsMemory(), SocketFlags.None, deadline.Token));
            Assert.True(DateTime.TryParseExact(
                text[4..19], "MMM d HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AllowInnerWhite, out _), text);
            received.Add((text[..4], text[19..]));
        }

        Assert.Equal(
            [
                ("<14>", " warden.app: one"), ("<14>", " warden.app: "), ("<14>", " warden.app: " + new string('0', 7936)),
                ("<14>", " warden.app: " + new string('0', 63) + "7"), ("<14>", " warden.app: rest"), ("<11>", " warden.app: two"),
            ],
            received);
    }

    [SkippableFact]
    public async Task A_job_has_not_ended_while_something_holds_its_output()
    {
        await using var container = LiveContainer.Make();
        await using var monitor = await container.StartAsync();
        var job = await monitor.StartJobAsync(LiveContainer.Spec(1, "(until [ -e go ]; do sleep 0.01; done; echo late) & echo early; exit 3"), default);
        var first = await job.Output.ReadAsync(default, 100, default);
        Assert.Equal("early\n"u8, first.Data.Span);

        Assert.False(job.Ended.IsCompleted);
        Assert.Equal(0, (await LiveContainer.RunAsync(monitor, 2, "touch go")).Status);
        Assert.Equal(new JobEnd(3, false), await job.Ended.WaitAsync(Patience));
        Assert.Equal("early\nlate\n", (await LiveContainer.ReadAsync(job)).Stdout);
    }

    [SkippableTheory]
    [InlineData("echo by name > /dev/stdout")]
    [InlineData("echo by name | tee /dev/stderr 2>&1 >/dev/null")]
    [InlineData("echo by name >> /proc/self/fd/1")]
    public async Task Output_can_be_opened_by_its_name(string script)
    {
        await using var container = LiveContainer.Make();
        await using var monitor = await container.StartAsync();

        Assert.Equal((0, "by name\n", ""), await LiveContainer.RunAsync(monitor, 1, script));
    }

    [SkippableFact]
    public async Task What_a_script_does_not_read_of_itself_is_its_input()
    {
        await using var container = LiveContainer.Make();
        await using var monitor = await container.StartAsync();
        var rest = string.Concat(Enumerable.Range(0, 40000).Select(i => $"line {i}\n"));

        Assert.Equal((0, rest, ""), await LiveContainer.RunAsync(monitor, 1, "exec cat\n" + rest));
        Assert.Equal((0, "", ""), await LiveContainer.RunAsync(monitor, 2, "exit 0\n" + rest));
        Assert.Equal((0, "", ""), await LiveContainer.RunAsync(monitor, 3, ""));
    }

    [SkippableFact]
    public async Task Hundreds_of_jobs_at_once_keep_their_own_output_and_status()
    {
        await using var container = LiveContainer.Make();
        await using var monitor = await container.StartAsync();
        var jobs = await Task.WhenAll(Enumerable.Range(1, 500).Select(id => monitor.StartJobAsync(
            LiveContainer.Spec((uint)id, $"echo {id}; echo {id} >&2; exit {id % 200}"), default).AsTask()));
        foreach (var job in jobs)
        {
            var end = await job.Ended.WaitAsync(Patience);
            Assert.Equal((int)job.Id % 200, end.ExitStatus);
            Assert.Equal(($"{job.Id}\n", $"{job.Id}\n"), await LiveContainer.ReadAsync(job));
        }
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (FileNotFoundException)
        {
            // It is rotated right now.
            return "";
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var end = DateTime.UtcNow + Patience; !condition(); await Task.Yield())
        {
            Assert.True(DateTime.UtcNow < end, "The condition did not come true.");
        }
    }

    private static async Task LimitFilesAsync(string process, string size)
    {
        using var limit = System.Diagnostics.Process.Start("prlimit", ["--pid", process, $"--fsize={size}:"]);
        await limit.WaitForExitAsync();
        Assert.Equal(0, limit.ExitCode);
    }
}
