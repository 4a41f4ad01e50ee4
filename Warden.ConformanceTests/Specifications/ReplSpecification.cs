using Warden.ConformanceTests.Targets;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>The REPL and the one-shot form of the built executable, against the target's socket (§7).</summary>
public abstract class ReplSpecification(Target target) : Specification(target)
{
    [SkippableFact]
    [Clause("WRD-REPL-001")]
    [Clause("WRD-REPL-002")]
    [Clause("WRD-REPL-003")]
    [Clause("WRD-REPL-004")]
    [Clause("WRD-REPL-008")]
    public async Task ThePositionalSyntax()
    {
        var source = Host.Make("shared");
        Host.Write("shared/file", "bound\n");
        var (status, output, error) = await ReplAsync("ping", $"create bind_mount:{source},/mnt/x,ro grace_time:600");
        Assert.Equal((0, ""), (status, error));
        var lines = Answers(output);
        Assert.Equal("pong", lines[0]);
        var handle = lines[1];
        Track(handle);
        Assert.Matches("^[0-9a-v]{11}$", handle);

        (status, output, error) = await ReplAsync(
            $"run {handle} cat /mnt/x/file", $"run {handle} echo two words", "list", $"info {handle}", $"net {handle} in", $"stop {handle}", $"destroy {handle}",
            "list");
        Assert.Equal((0, ""), (status, error));
        lines = Answers(output);
        Assert.Equal(["bound", "two words"], lines.Take(2));
        Assert.Contains(handle, lines);
        Assert.Contains(lines, line => line.Contains("state", StringComparison.Ordinal) && line.Contains("active", StringComparison.Ordinal));
        Assert.Equal(2, lines.Count(line => line == "ok"));
        Assert.DoesNotContain(handle, lines.SkipWhile(line => line != "ok").Skip(1));
    }

    [SkippableFact]
    [Clause("WRD-REPL-004")]
    public async Task LinkPrintsStatusAndBothOutputs()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var job = await SpawnAsync(connection, handle, "echo out; echo err >&2; exit 3");
        var (_, output, _) = await ReplAsync($"link {handle} {job}");
        var lines = Answers(output);

        Assert.Contains("exit status: 3", lines);
        Assert.True(lines.IndexOf("stdout:") < lines.IndexOf("out"));
        Assert.True(lines.IndexOf("stderr:") < lines.IndexOf("err"));
    }

    [SkippableFact]
    [Clause("WRD-REPL-005")]
    [Clause("WRD-REPL-010")]
    public async Task TheSyntaxByFlags()
    {
        var source = Host.Make("shared");
        Host.Write("shared/file", "bound");
        var handle = $"flags-{Faker.Random.AlphaNumeric(10)}";
        Track(handle);
        var (status, output, error) = await ReplAsync(
            $"create --handle {handle} --grace_time 600 --bind_mounts[0].src_path {source} --bind_mounts[0].dst_path /mnt/a --bind_mounts[0].mode RO",
            $"run --handle {handle} --script \"cat /mnt/a/file; id -un\" --privileged",
            $"info --handle {handle}",
            $"limit_cpu --handle {handle} --limit_in_shares 55");
        Assert.Equal((0, ""), (status, error));
        var lines = Answers(output);

        Assert.Contains($"handle : {handle}", lines);
        Assert.Contains("exit_status : 0", lines);
        Assert.Contains(lines, line => line.StartsWith("stdout : boundroot", StringComparison.Ordinal));
        Assert.Contains("state : active", lines);
        Assert.Contains(lines, line => line.StartsWith("memory_stat.total_rss : ", StringComparison.Ordinal));
        Assert.Contains("limit_in_shares : 55", lines);
    }

    [SkippableFact]
    [Clause("WRD-REPL-006")]
    [Clause("WRD-REPL-007")]
    public async Task HelpComesFromTheMessages()
    {
        var (status, output, _) = await ReplAsync("create --help", "help");

        Assert.Equal(0, status);
        Assert.All(
            (string[])["bind_mounts", "src_path", "dst_path", "mode", "grace_time", "handle", "network", "rootfs"],
            field => Assert.Contains(field, output, StringComparison.Ordinal));
        Assert.All(
            (string[])["ping", "create", "stop", "destroy", "info", "spawn", "link", "run", "stream", "net", "copy", "limit", "list", "echo"],
            command => Assert.Contains(command, output, StringComparison.Ordinal));
    }

    [SkippableFact]
    [Clause("WRD-REPL-009")]
    public async Task AfterAnErrorTheNextCommandRuns()
    {
        var (status, output, error) = await ReplAsync("info no-such-container", "nosuchcommand", "ping");

        Assert.Equal(0, status);
        Assert.Contains("unknown handle", output + error, StringComparison.Ordinal);
        Assert.Equal("pong", Answers(output)[^1]);
    }

    [SkippableFact]
    [Clause("WRD-REPL-001")]
    public async Task TheSocketCountsBeforeTheWordReplToo()
    {
        var (status, output, error) = await Target.Executable.RunAsync("ping\n", "--socket", Server.SocketPath, "repl");

        Assert.Equal((0, ""), (status, error));
        Assert.Equal("pong", Answers(output)[^1]);
    }

    [SkippableFact]
    [Clause("WRD-SHOT-001")]
    [Clause("WRD-SHOT-005")]
    public async Task TheStatusOfARunIsTheJobs()
    {
        var (_, handle) = await ConnectAndCreateAsync();

        Assert.Equal((7, "out\n", "err\n"), await ShotAsync("run", handle, "echo out; echo err >&2; exit 7"));
        Assert.Equal((0, "one two\n", ""), await ShotAsync("run", handle, "echo", "one", "two"));
        Assert.Equal(255, (await ShotAsync("run", handle, "kill -9 $$")).Status);
    }

    [SkippableFact]
    [Clause("WRD-SHOT-002")]
    public async Task AFailureIsToldOnStandardError()
    {
        var (status, output, error) = await ShotAsync("info", "no-such-container");

        Assert.NotEqual(0, status);
        Assert.Equal("", output);
        Assert.Contains("unknown handle", error, StringComparison.Ordinal);
        Assert.NotEqual(0, (await ShotAsync("nosuchcommand")).Status);
    }

    [SkippableFact]
    [Clause("WRD-SHOT-003")]
    public async Task TracePrintsTheCommandFirst()
    {
        var (status, output, _) = await Target.Executable.RunAsync("", "--socket", Server.SocketPath, "--trace", "--", "echo", "hi");

        Assert.Equal((0, "+ echo hi\nhi\n"), (status, output));
    }

    [SkippableFact]
    [Clause("WRD-SHOT-004")]
    public async Task AServerThatIsNotThereIsSaidSo()
    {
        var (status, output, error) = await Target.Executable.RunAsync("", "--socket", Host["none"], "--", "ping");

        Assert.NotEqual(0, status);
        Assert.Equal("", output);
        Assert.NotEqual("", error);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    /// <summary>What was printed, without the prompts that stand before it where input is no terminal.</summary>
    private static List<string> Answers(string output) =>
    [
        .. output.Replace("warden> ", "", StringComparison.Ordinal).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd('\r')),
    ];

    private Task<(int Status, string Output, string Error)> ReplAsync(params IEnumerable<string> lines) =>
        Target.Executable.RunAsync(string.Join('\n', lines) + "\n", "repl", "--socket", Server.SocketPath);

    private Task<(int Status, string Output, string Error)> ShotAsync(params IEnumerable<string> words) =>
        Target.Executable.RunAsync("", ["--socket", Server.SocketPath, "--", .. words]);
}
