using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Wire;
using Warden.Spec.Clauses;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>The server as an executable.</summary>
public abstract class ServeSpecification(Target target) : Specification(target)
{
    [SkippableFact]
    [Clause("WRD-SERVE-001")]
    [Clause("WRD-SERVE-002")]
    [Clause("WRD-SERVE-003")]
    public async Task OneLineSaysThatTheServerIsReady()
    {
        Need(ClauseNeeds.OwnConfiguration | ClauseNeeds.Executable);
        await using var one = await ServeProcess.StartAsync(Target, "serve", "--socket", "auto");
        await using var two = await ServeProcess.StartAsync(Target, "--socket", "auto");
        Assert.True(one.IsReady);
        Assert.NotEqual(one.SocketPath, two.SocketPath);
        Assert.NotEqual(one.ProcessId, two.ProcessId);
        foreach (var serve in new[] { one, two })
        {
            await using var connection = await WireConnection.ConnectAsync(serve.SocketPath);
            var handle = (await connection.CallAsync("Create")).Text("handle");
            Assert.Equal("x\n", await OutputAsync(connection, handle, "echo x"));
        }

        if (!OperatingSystem.IsWindows())
        {
            HostSystem.Signal(one.ProcessId, HostSystem.SigTerm);
            Assert.Equal("", await Deadline.WithinAsync("the end of standard output", one.Output.ReadToEndAsync()));
        }
    }

    [SkippableFact]
    [Clause("WRD-POOL-016")]
    public async Task ManyQuickContainersExhaustNoPoolOfAnEmulatorWithoutAFile()
    {
        Need(ClauseNeeds.Executable | ClauseNeeds.Supervision);
        await using var serve = await ServeProcess.StartAsync(Target, "serve", "--socket", "auto");
        await using var connection = await WireConnection.ConnectAsync(serve.SocketPath);
        for (var round = 0; round < 70; round++)
        {
            var handle = (await connection.CallAsync("Create")).Text("handle");
            Assert.StartsWith("10.1", (await connection.CallAsync("Info", ("handle", handle))).Text("host_ip"), StringComparison.Ordinal);
            await connection.CallAsync("Destroy", ("handle", handle));
        }

        for (var count = 0; count < 70; count++)
        {
            await connection.CallAsync("Create");
        }
    }

    [SkippableFact]
    [Clause("WRD-SOCKET-004")]
    public async Task TheConfigurationSaysWhereTheSocketIs()
    {
        Need(ClauseNeeds.OwnConfiguration | ClauseNeeds.Executable);
        var configuration = Host.Write("warden.yml", $"server: {{ unix_domain_path: {Host["configured"]} }}\n");
        await using var serve = await ServeProcess.StartAsync(Target, "serve", "--config", configuration);

        Assert.Equal(Host["configured"], serve.SocketPath);
        await using var connection = await WireConnection.ConnectAsync(Host["configured"]);
        await connection.CallAsync("Ping");
    }

    [SkippableFact]
    [Clause("WRD-SERVE-004")]
    public async Task ASupervisedMachineEndsWithItsInput()
    {
        Need(ClauseNeeds.OwnConfiguration | ClauseNeeds.Executable | ClauseNeeds.Supervision);
        await using var serve = await ServeProcess.StartAsync(Target, "serve", "--socket", "auto", "--supervised");
        await using var connection = await WireConnection.ConnectAsync(serve.SocketPath);
        await connection.CallAsync("Create");
        serve.CloseInput();

        Assert.Equal(0, await serve.ExitAsync());
        Assert.False(File.Exists(serve.SocketPath));
    }

    [SkippableTheory]
    [Clause("WRD-SERVE-005")]
    [InlineData("echo hello from $(hostname | wc -c); echo err >&2; exit 7", 7, "hello from 12\n", "err\n")]
    [InlineData("true", 0, "", "")]
    [InlineData("nosuchcommand", 127, "", "/bin/bash: line 1: nosuchcommand: command not found\n")]
    [InlineData("id -un", 0, "vcap\n", "")]
    public async Task ExecRunsAScript(string script, int status, string output, string error)
    {
        Need(ClauseNeeds.Executable);

        Assert.Equal((status, output, error), await Target.Executable.RunAsync("", "exec", script));
    }

    [SkippableFact]
    [Clause("WRD-SERVE-006")]
    public async Task ExecPrivilegedRunsAsRoot()
    {
        Need(ClauseNeeds.Executable);

        Assert.Equal((0, "root\n", ""), await Target.Executable.RunAsync("", "exec", "--privileged", "id -un"));
    }

    [SkippableFact]
    [Clause("WRD-SERVE-005")]
    public async Task ExecLeavesNothing()
    {
        Need(ClauseNeeds.Executable);
        var start = await Target.Executable.PrepareAsync("exec", "echo x > /tmp/x; echo done");
        start.Environment["TMPDIR"] = Host.Path;
        var (status, output, _) = await TargetExecutable.RunAsync(start, "");

        Assert.Equal((0, "done\n"), (status, output));
        Assert.DoesNotContain(
            Directory.GetFileSystemEntries(Host.Path).Select(path => Path.GetFileName(path)!),
            name => !name.StartsWith("dotnet-", StringComparison.Ordinal) && !name.StartsWith("clr-debug-pipe", StringComparison.Ordinal)
                && name != ".dotnet");
    }

    [SkippableTheory]
    [Clause("WRD-SERVE-008")]
    [InlineData("serve", "--no-such-option")]
    [InlineData("serve", "--config", "/no/such/file.yml")]
    [InlineData("serve", "--tcp", "nonsense")]
    [InlineData("exec")]
    public async Task AWrongCommandLineIsRefused(params string[] arguments)
    {
        Need(ClauseNeeds.Executable);
        var (status, output, error) = await Target.Executable.RunAsync("", arguments);

        Assert.NotEqual(0, status);
        Assert.DoesNotContain("ready", output, StringComparison.Ordinal);
        Assert.NotEqual("", output + error);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }
}
