using Warden.ConformanceTests.Targets;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>How a script runs (§4).</summary>
public abstract class JobSpecification(Target target) : Specification(target)
{
    /// <summary>Scripts and all that they print to standard output, as vcap.</summary>
    [SkippableTheory]
    [Clause("WRD-JOB-001")]
    [InlineData("cat\none\ntwo", "one\ntwo")]
    [InlineData("read a; echo \"<$a>\"\nfirst\necho second", "<first>\nsecond\n")]
    [InlineData("head -n 1 > /dev/null\nskipped", "")]
    public async Task TheScriptIsStandardInput(string script, string output)
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        Assert.Equal(output, (await RunAsync(connection, handle, script)).Output);
    }

    [SkippableTheory]
    [Clause("WRD-JOB-002")]
    [Clause("WRD-JOB-003")]
    [Clause("WRD-JOB-004")]
    [Clause("WRD-JOB-005")]
    [InlineData(false, "vcap /home/vcap\n/home/vcap vcap /bin:/usr/bin\n")]
    [InlineData(true, "root /root\n/root root /sbin:/bin:/usr/sbin:/usr/bin\n")]
    public async Task AJobHasItsUsersHomeAndEnvironment(bool privileged, string output)
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var script = "echo $(id -un) $(pwd); echo $HOME $USER $PATH";

        Assert.Equal(output, await OutputAsync(connection, handle, script, ("privileged", privileged)));
    }

    [SkippableFact]
    [Clause("WRD-JOB-006")]
    public async Task TheEnvironmentHasNothingOfTheServers()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var lines = (await OutputAsync(connection, handle, "env")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(
            ["HOME", "LANG", "PATH", "PWD", "SHLVL", "USER", "_"], lines.Select(line => line.Split('=')[0]).Order(StringComparer.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("LANG=", StringComparison.Ordinal) && line.Length > "LANG=".Length);
    }

    [SkippableFact]
    [Clause("WRD-JOB-007")]
    public async Task AJobHasASessionOfItsOwn()
    {
        var (connection, handle) = await ConnectAndCreateAsync();

        // The sixth field of stat(5) is the session: the shell's own process id.
        Assert.Equal("own\n", await OutputAsync(connection, handle, "test $(cut -d' ' -f6 /proc/$$/stat) = $$ && echo own"));
    }

    [SkippableFact]
    [Clause("WRD-JOB-008")]
    [Clause("WRD-JOB-009")]
    [Clause("WRD-JOB-010")]
    [Clause("WRD-JOB-011")]
    public async Task AJobHasThreeDescriptorsNoTerminalAndTheUsualUmask()
    {
        var (connection, handle) = await ConnectAndCreateAsync();

        // The fourth is ls's own, of the directory that it reads.
        Assert.Equal("0 1 2 3 ", await OutputAsync(connection, handle, "ls /proc/self/fd | tr '\\n' ' '"));
        Assert.Equal("/bin/bash\n", await OutputAsync(connection, handle, "echo $0"));
        Assert.Equal("0022\n", await OutputAsync(connection, handle, "umask"));
        Assert.Equal("1\n", await OutputAsync(connection, handle, "test -t 0; echo $?"));
        Assert.Equal((1UL, "not a tty\n"), await StatusAsync("tty"));

        async Task<(ulong, string)> StatusAsync(string script)
        {
            var result = await RunAsync(connection, handle, script);
            return (result.Status, result.Output);
        }
    }

    [SkippableTheory]
    [Clause("WRD-JOB-009")]
    [Clause("WRD-JOB-012")]
    [Clause("WRD-JOB-021")]
    [InlineData("nosuchcommand", 127, "/bin/bash: line 1: nosuchcommand: command not found\n")]
    [InlineData("true\n/no/such/file", 127, "/bin/bash: line 2: /no/such/file: No such file or directory\n")]
    [InlineData("/etc/passwd", 126, "/bin/bash: line 1: /etc/passwd: Permission denied\n")]
    [InlineData("if", 2, "/bin/bash: line 2: syntax error: unexpected end of file\n")]
    public async Task BashSaysWhatIsWrong(string script, int status, string error)
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var result = await RunAsync(connection, handle, script);

        Assert.Equal(((ulong)status, "", error), (result.Status, result.Output, result.Error));
    }

    [SkippableFact]
    [Clause("WRD-JOB-018")]
    [Clause("WRD-JOB-019")]
    [Clause("WRD-JOB-020")]
    public async Task WhatAScriptLeavesIsThereForTheNext()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        Assert.Equal("", await OutputAsync(connection, handle, ""));
        await OutputAsync(connection, handle, "mkdir -p /tmp/a/b; echo kept > /tmp/a/b/c");
        Assert.Equal("kept\n", await OutputAsync(connection, handle, "cat /tmp/a/b/c"));

        Assert.Equal(1UL, (await RunAsync(connection, handle, "echo x > /etc/mine")).Status);
        await OutputAsync(connection, handle, "echo root > /etc/mine", ("privileged", true));
        Assert.Equal("root\n", await OutputAsync(connection, handle, "cat /etc/mine"));
    }

    [SkippableFact]
    [Clause("WRD-JOB-015")]
    [Clause("WRD-JOB-016")]
    public async Task JobsOfOneContainerRunAtTheSameTime()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var waiting = await SpawnAsync(connection, handle, "while ! test -e /tmp/go; do sleep 0.02; done; echo waited");
        await SpawnAsync(connection, handle, "touch /tmp/go");

        Assert.Equal("waited\n", (await LinkAsync(connection, handle, waiting)).Output);
    }

    [SkippableFact]
    [Clause("WRD-JOB-017")]
    public async Task AJobOutlivesItsConnection()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var spawner = await ConnectAsync();
        var job = await SpawnAsync(spawner, handle, "while ! test -e /tmp/go; do sleep 0.02; done; echo on");
        await spawner.DisposeAsync();
        await OutputAsync(connection, handle, "touch /tmp/go");

        Assert.Equal("on\n", (await LinkAsync(connection, handle, job)).Output);
    }

    [SkippableFact]
    [Clause("WRD-JOB-013")]
    public async Task JobIdsCountUpFromOneOverTheServer()
    {
        await StartServerAsync();
        var (connection, one) = await ConnectAndCreateAsync();
        var two = await CreateAsync(connection);

        Assert.Equal(1UL, await SpawnAsync(connection, one, "true"));
        Assert.Equal(2UL, await SpawnAsync(connection, two, "true"));
        await RunAsync(connection, one, "true");
        Assert.Equal(4UL, await SpawnAsync(connection, one, "true"));
    }

    [SkippableTheory]
    [Clause("WRD-JOB-014")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task JobIdsGoOnAfterARestart(bool crash)
    {
        await StartServerAsync();
        var (connection, handle) = await ConnectAndCreateAsync();
        Assert.Equal(1UL, await SpawnAsync(connection, handle, "true"));
        Assert.Equal(2UL, await SpawnAsync(connection, handle, "true"));
        await Server.RestartAsync(crash);

        Assert.Equal(3UL, await SpawnAsync(await ConnectAsync(), handle, "true"));
    }

    [SkippableFact]
    [Clause("WRD-RUN-001")]
    [Clause("WRD-RUN-004")]
    [Clause("WRD-RUN-006")]
    public async Task RunAnswersWithStatusBothOutputsAndInfo()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var result = await RunAsync(connection, handle, "echo out; echo err >&2; exit 7");
        Assert.Equal((7UL, "out\n", "err\n"), (result.Status, result.Output, result.Error));
        Assert.Equal("active", result.Info.Text("state"));
        Assert.Empty(result.Info.Numbers("job_ids"));

        var silent = await RunAsync(connection, handle, "true");
        Assert.Equal((0UL, "", ""), (silent.Status, silent.Output, silent.Error));
    }

    [SkippableFact]
    [Clause("WRD-RUN-002")]
    public async Task ExitStatusesArriveAsTheyAre()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        foreach (var status in (ulong[])[0, 1, 2, 42, 126, 127, 128, 200, 255, 256 + 3])
        {
            Assert.Equal(status % 256, (await RunAsync(connection, handle, $"exit {status}")).Status);
        }
    }

    [SkippableTheory]
    [Clause("WRD-RUN-003")]
    [InlineData("KILL")]
    [InlineData("TERM")]
    [InlineData("SEGV")]
    public async Task ASignalsStatusIs255(string signal)
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var result = await RunAsync(connection, handle, $"echo before; kill -{signal} $$; sleep 10; echo after");

        Assert.Equal((255UL, "before\n"), (result.Status, result.Output));
    }

    [SkippableFact]
    [Clause("WRD-RUN-005")]
    public async Task ARunsJobIsGone()
    {
        await StartServerAsync();
        var (connection, handle) = await ConnectAndCreateAsync();
        await RunAsync(connection, handle, "true");

        Assert.Equal("no such job", await connection.FailAsync("Link", ("handle", handle), ("job_id", 1)));
    }

    [SkippableFact]
    [Clause("WRD-RUN-007")]
    [Clause("WRD-JOB-022")]
    public async Task MegabytesGoInAndComeOut()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var text = Faker.Random.String2(1 << 20, "abcdefghijklmnopqrstuvwxyz\n");

        Assert.Equal(text, (await RunAsync(connection, handle, "cat\n" + text)).Output);
    }
}
