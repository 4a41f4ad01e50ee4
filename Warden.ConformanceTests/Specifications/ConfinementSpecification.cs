using System.Diagnostics;
using Warden.ConformanceTests.Targets;
using Warden.Spec.Clauses;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>What a container, its root included, does not reach on a host with a Linux kernel (§3).</summary>
public abstract class ConfinementSpecification(Target target) : Specification(target)
{
    [SkippableTheory]
    [Clause("WRD-CONFINE-001")]
    [InlineData("c 5 1")] // the machine's console
    [InlineData("c 4 1")] // a virtual terminal
    [InlineData("c 1 1")] // memory
    [InlineData("c 1 11")] // the kernel's log
    [InlineData("c 10 200")] // tun
    [InlineData("c 10 237")] // loop-control
    [InlineData("b 7 0")] // a loop device
    [InlineData("b 8 0")] // a disk
    public async Task ADeviceNodeOpensNothingOfTheHost(string device)
    {
        Need(ClauseNeeds.LinuxKernel);
        var (connection, handle) = await ConnectAndCreateAsync();
        var result = await RunAsync(
            connection,
            handle,
            $"mknod /tmp/node {device} && for how in '<' '>'; do bash -c \"exec 3$how/tmp/node\" && echo opened; done",
            ("privileged", true));

        Assert.Equal("", result.Output);
        Assert.Equal(2, result.Error.Split('\n').Count(line => line.EndsWith("/tmp/node: Operation not permitted", StringComparison.Ordinal)));
    }

    [SkippableFact]
    [Clause("WRD-CONFINE-002")]
    public async Task TheContainersOwnDevicesWork()
    {
        Need(ClauseNeeds.LinuxKernel);
        var (connection, handle) = await ConnectAndCreateAsync();
        const string Use = """
            echo lost > /dev/null && head -c 4 /dev/zero | wc -c && head -c 4 /dev/urandom | wc -c
            echo x 2> /dev/null > /dev/full || echo full
            script -qec 'echo terminal > /dev/tty; tty' /dev/null < /dev/null | tr -d '\r'
            """;
        foreach (var privileged in (bool[])[false, true])
        {
            Assert.Equal("4\n4\nfull\nterminal\n/dev/pts/0\n", await OutputAsync(connection, handle, Use, ("privileged", privileged)));
        }
    }

    /// <summary>CVE-2021-41091: whoever may enter the depot runs a container's set-user-id programs.</summary>
    [SkippableFact]
    [Clause("WRD-CONFINE-003")]
    public async Task WhatAContainersRootMadeGivesAUserOfTheHostNothing()
    {
        Need(ClauseNeeds.LinuxKernel | ClauseNeeds.Root);
        Skip.IfNot(File.Exists("/usr/bin/setpriv"), "the program setpriv is missing");
        var (connection, handle) = await ConnectAndCreateAsync();
        await OutputAsync(
            connection,
            handle,
            "cp /usr/bin/id /tmp/rooted; chmod 6755 /tmp/rooted; mknod -m 666 /tmp/null c 1 3; echo works > /tmp/null; mkdir -m 6755 /tmp/d",
            ("privileged", true));
        var files = Path.Combine(Server.PathOf((await InfoAsync(connection, handle)).Text("container_path")), "tmp/rootfs/tmp");

        // By a descriptor, so that no directory above the depot is what stands in the way.
        Assert.Equal(
            ("65534 65534", ""),
            await OnHostAsync("exec 9< \"$0\"; user='setpriv --reuid=65534 --regid=65534 --clear-groups'; echo $($user /proc/self/fd/9 -u) $($user /proc/self/fd/9 -g)", $"{files}/rooted"));
        Assert.Equal(("", "Permission denied"), await OnHostAsync("exec 9< \"$0\" && echo opened", $"{files}/null"));
        Assert.Equal("gone\n", await OutputAsync(connection, handle, "echo x > /tmp/null; [ -s /tmp/null ] || echo gone", ("privileged", true)));
    }

    [SkippableFact]
    [Clause("WRD-CONFINE-004")]
    public async Task SharedMemoryFollowsTheLimitOfMemory()
    {
        Need(ClauseNeeds.LinuxKernel);
        await StartServerAsync($"server: {{ container_shm_limit: {160 << 20} }}");
        var (connection, handle) = await ConnectAndCreateAsync();
        const string Size = "df --output=size /dev/shm | tail -1 | tr -d ' '";
        Assert.Equal("163840\n", await OutputAsync(connection, handle, Size));
        foreach (var (mebibytes, size) in ((int, string)[])[(96, "98304\n"), (32, "65536\n"), (500, "163840\n")])
        {
            await connection.CallAsync("LimitMemory", ("handle", handle), ("limit_in_bytes", mebibytes << 20));
            Assert.Equal(size, await OutputAsync(connection, handle, Size));
        }
    }

    [SkippableFact]
    [Clause("WRD-CONFINE-005")]
    public async Task AnEmptyDestinationOfABindMountIsNamed()
    {
        Need(ClauseNeeds.LinuxKernel);
        var connection = await ConnectAsync();
        Assert.Equal(
            $"Destination path for bind mount is empty: the source is {Host.Path}",
            await connection.FailAsync("Create", ("bind_mounts", new Wire.WireMessage("BindMount", ("src_path", Host.Path), ("dst_path", ""), ("mode", 0)))));
    }

    /// <summary>What a script of the host's root prints, and the reason of its last error.</summary>
    private static async Task<(string Output, string Reason)> OnHostAsync(string script, string argument)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", script, argument]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (output.Trim(), (await error).Trim().Split(": ")[^1]);
    }
}
