using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Wire;
using Warden.Spec.Clauses;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>Resource limits of jobs, as ulimit tells them (§4).</summary>
public abstract class ResourceLimitSpecification(Target target) : Specification(target)
{
    private static readonly (string Option, string Default)[] Defaults =
    [
        ("c", "0"), ("d", "unlimited"), ("f", "unlimited"), ("i", "1024"), ("l", "64"), ("m", "unlimited"), ("n", "1024"), ("q", "819200"),
        ("r", "0"), ("s", "8192"), ("t", "unlimited"), ("u", "1024"), ("v", "unlimited"), ("x", "unlimited"),
    ];

    [SkippableTheory]
    [Clause("WRD-RLIMIT-001")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TheDefaults(bool privileged)
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var script = string.Join("; ", Defaults.Select(limit => $"echo {limit.Option} $(ulimit -S{limit.Option}) $(ulimit -H{limit.Option})"));

        Assert.Equal(
            string.Concat(Defaults.Select(limit => $"{limit.Option} {limit.Default} {limit.Default}\n")),
            await OutputAsync(connection, handle, script, ("privileged", privileged)));
    }

    [SkippableFact]
    [Clause("WRD-RLIMIT-002")]
    [Clause("WRD-RLIMIT-004")]
    public async Task ARequestsLimitsAreSetSoftAndHard()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var limits = new WireMessage("ResourceLimits", ("nofile", 512), ("fsize", 1024000), ("nproc", 77), ("cpu", 100), ("stack", 4194304));
        const string Script = "for o in n f u t s c; do echo $(ulimit -S$o) $(ulimit -H$o); done";
        const string Expected = "512 512\n1000 1000\n77 77\n100 100\n4096 4096\n0 0\n";

        Assert.Equal(Expected, await OutputAsync(connection, handle, Script, ("rlimits", limits)));
        var job = await SpawnAsync(connection, handle, Script, ("rlimits", limits));
        Assert.Equal(Expected, (await LinkAsync(connection, handle, job)).Output);

        // The next job has the defaults again.
        Assert.Equal("1024\n", await OutputAsync(connection, handle, "ulimit -n"));
    }

    [SkippableFact]
    [Clause("WRD-RLIMIT-003")]
    public async Task ConfiguredLimitsOverlayTheDefaultsAndARequestsThose()
    {
        await StartServerAsync("server: { container_rlimits: { nofile: 700, nproc: 300 } }");
        var (connection, handle) = await ConnectAndCreateAsync();
        const string Script = "echo $(ulimit -n) $(ulimit -u) $(ulimit -i)";

        Assert.Equal("700 300 1024\n", await OutputAsync(connection, handle, Script));
        Assert.Equal(
            "600 300 1024\n", await OutputAsync(connection, handle, Script, ("rlimits", new WireMessage("ResourceLimits", ("nofile", 600)))));
    }

    [SkippableFact]
    [Clause("WRD-RLIMIT-007")]
    public async Task LimitsOf2012AreReadInTheirUnits()
    {
        await StartServerAsync("server: { container_limits_conf: { nofile: 700, stack: 4096, cpu: 2, fsize: 1000 } }");
        var (connection, handle) = await ConnectAndCreateAsync();

        Assert.Equal(
            "700 4096 120 1000\n", await OutputAsync(connection, handle, "echo $(ulimit -n) $(ulimit -s) $(ulimit -t) $(ulimit -f)"));
    }

    [SkippableTheory]
    [Clause("WRD-CONFIG-016")]
    [InlineData("container_rlimits")]
    [InlineData("container_limits_conf")]
    public async Task MinusOneMeansUnlimited(string section)
    {
        await StartServerAsync($"server: {{ {section}: {{ core: -1, fsize: -1, nofile: 700 }} }}");
        var (connection, handle) = await ConnectAndCreateAsync();

        Assert.Equal("unlimited unlimited 700\n", await OutputAsync(connection, handle, "echo $(ulimit -c) $(ulimit -f) $(ulimit -n)"));
    }

    [SkippableFact]
    [Clause("WRD-RLIMIT-005")]
    public async Task AFileLargerThanTheLimitEndsItsWriter()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var result = await RunAsync(
            connection,
            handle,
            "head -c 3000 /dev/zero > /tmp/f; echo $?; wc -c < /tmp/f",
            ("rlimits", new WireMessage("ResourceLimits", ("fsize", 2048))));

        // SIGXFSZ, 25.
        Assert.Equal("153\n2048\n", result.Output);
    }

    [SkippableFact]
    [Clause("WRD-RLIMIT-006")]
    public async Task ALimitThatTheKernelRefusesIsNamed()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        var limits = new WireMessage("ResourceLimits", ("nofile", 1UL << 40));

        Assert.Contains(
            "nofile",
            await connection.FailAsync("Run", ("handle", handle), ("script", "true"), ("rlimits", limits)),
            StringComparison.OrdinalIgnoreCase);
    }
}
