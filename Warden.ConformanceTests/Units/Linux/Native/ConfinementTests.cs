using System.Runtime.Versioning;
using Warden.ConformanceTests.Units.Linux.Processes;
using Warden.Spec.Backend;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Native;

/// <summary>What jobs may not do, and what they may all the same.</summary>
[SupportedOSPlatform("linux")]
public sealed class ConfinementTests
{
    private const string Rights = "grep -E '^(Cap(Inh|Prm|Eff|Bnd|Amb)|NoNewPrivs|Seccomp):' /proc/self/status | tr '\\t\\n' ' ;'";
    private const string None = "CapInh: 0000000000000000;CapPrm: 0000000000000000;CapEff: 0000000000000000;";

    [SkippableFact]
    public async Task An_unprivileged_job_has_no_capability_and_gains_none()
    {
        await using var container = LiveContainer.Make();
        await using var monitor = await container.StartAsync();
        var (_, stdout, _) = await LiveContainer.RunAsync(monitor, 1, Rights);

        Assert.Equal(None + "CapBnd: 0000000000000000;CapAmb: 0000000000000000;NoNewPrivs: 1;Seccomp: 2;", stdout);
    }

    [SkippableFact]
    public async Task Without_no_new_privileges_as_much_can_come_back_as_a_privileged_job_has()
    {
        await using var container = LiveContainer.Make();
        container.Start = container.Start with { NoNewPrivileges = false };
        await using var monitor = await container.StartAsync();
        var (_, vcap, _) = await LiveContainer.RunAsync(monitor, 1, Rights);
        var (_, root, _) = await LiveContainer.RunAsync(monitor, 2, Rights, privileged: true);

        Assert.Equal(None + "CapBnd: 00000000a80424fb;CapAmb: 0000000000000000;NoNewPrivs: 0;Seccomp: 2;", vcap);
        Assert.Equal(
            "CapInh: 0000000000000000;CapPrm: 00000000a80424fb;CapEff: 00000000a80424fb;CapBnd: 00000000a80424fb;"
            + "CapAmb: 0000000000000000;NoNewPrivs: 0;Seccomp: 2;",
            root);
    }

    [SkippableTheory]
    [InlineData("mount -t tmpfs none /mnt")]
    [InlineData("umount /proc")]
    [InlineData("unshare --mount true")]
    [InlineData("unshare --user true")]
    [InlineData("dmesg")]
    [InlineData("hostname elsewhere")]
    [InlineData("echo 1 > /proc/sys/kernel/sysrq")]
    [InlineData("nsenter -t 1 -m true")]
    public async Task Not_even_a_privileged_job_may(string command)
    {
        await using var container = LiveContainer.Make();
        await using var monitor = await container.StartAsync();
        foreach (var privileged in new[] { false, true })
        {
            var (status, _, stderr) = await LiveContainer.RunAsync(monitor, privileged ? 2u : 1u, command, privileged);
            Assert.NotEqual(0, status);
            Assert.NotEqual(127, status);
            Assert.NotEqual("", stderr);
        }
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_program_of_i386_reaches_no_more_than_one_of_amd64(bool allowed)
    {
        await using var container = LiveContainer.Make();
        container.Start = container.Start with { AllowI386Sockets = allowed };
        await using var monitor = await container.StartAsync();
        var program = new SystemCallProgram();
        int unix = program.Words(1, 1, 0), local = program.Words(1, 1, 0, program.Words(0, 0)), secret = program.Words(38, 5, 0);
        program
            .I386(102, 1, unix) // socketcall(SYS_SOCKET, {AF_UNIX, SOCK_STREAM, 0})
            .I386(102, 8, local) // socketcall(SYS_SOCKETPAIR, …)
            .I386(102, 1, secret) // socketcall(SYS_SOCKET, {AF_ALG, SOCK_SEQPACKET, 0})
            .I386(102, 13, program.Words(1000, 2)) // socketcall(SYS_SHUTDOWN, …): of no open socket
            .I386(359, 38, 5).I386(359, 40, 1).Native(41, 38, 5).Native(41, 40, 1) // AF_ALG, AF_VSOCK
            .I386(359, 1, 1).Native(41, 1, 1) // AF_UNIX
            .I386(310, 0).Native(272, 0) // unshare of nothing
            .Native(0x40000000 | 39); // x32's getpid
        foreach (var privileged in new[] { false, true })
        {
            var (status, stdout, stderr) = await LiveContainer.RunAsync(monitor, privileged ? 2u : 1u, program.Script(), privileged);
            Assert.Equal((0, ""), (status, stderr));
            var results = stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).ToArray();
            if (allowed)
            {
                // A kernel without AF_ALG says so; what counts is that it is asked.
                Assert.True(results[0] > 2 && results[1] == 0 && results[2] is > 2 or -97, stdout);
            }
            else
            {
                Assert.Equal([-38, -38, -38], results[..3]);
            }

            Assert.Equal([-9, -1, -1, -1, -1], results[3..8]);
            Assert.All(results[8..10], result => Assert.True(result > 2, stdout));
            Assert.Equal([-1, -1, -38], results[10..]);
        }
    }

    [SkippableFact]
    public async Task A_privileged_job_does_what_the_installation_of_packages_needs()
    {
        await using var container = LiveContainer.Make();
        await using var monitor = await container.StartAsync();
        var (status, _, stderr) = await LiveContainer.RunAsync(
            monitor,
            1,
            "set -e; cd /opt; touch a; chown vcap:vcap a; chmod 4755 a; mknod n c 1 3; ln /etc/hostname h; chroot / true; "
            + "cp /bin/true t; setcap cap_net_raw+ep t; su vcap -s /bin/bash -c 'kill -0 $$'; useradd -m someone; userdel -r someone",
            privileged: true);

        Assert.Equal("", stderr.Replace("userdel: someone mail spool (/var/mail/someone) not found\n", "", StringComparison.Ordinal));
        Assert.Equal(0, status);
    }

    [SkippableFact]
    public async Task A_program_with_file_capabilities_runs_without_them()
    {
        await using var container = LiveContainer.Make();
        await using var monitor = await container.StartAsync();
        var made = await LiveContainer.RunAsync(monitor, 1, "cp /bin/cat /opt/cat && setcap cap_net_raw+ep /opt/cat", privileged: true);
        Assert.Equal((0, ""), (made.Status, made.Stderr));
        var (status, stdout, stderr) = await LiveContainer.RunAsync(monitor, 2, "/opt/cat /proc/self/status | grep CapPrm");

        Assert.Equal((0, "CapPrm:\t0000000000000000\n", ""), (status, stdout, stderr));
    }

    [SkippableFact]
    public async Task Init_cannot_be_signalled_nor_looked_into()
    {
        await using var container = LiveContainer.Make();
        await using var monitor = await container.StartAsync();
        var (_, stdout, stderr) = await LiveContainer.RunAsync(
            monitor, 1, "kill -KILL 1; kill -STOP 1; kill -TERM 1; readlink /proc/1/exe; cat /proc/1/environ 2>/dev/null; ls /proc/1/root/", privileged: true);

        Assert.Equal("", stdout);
        Assert.Contains("Permission denied", stderr, StringComparison.Ordinal);
        Assert.False(monitor.InitEnded.IsCompleted);
        Assert.Equal(0, (await LiveContainer.RunAsync(monitor, 2, "true")).Status);
    }

    [SkippableFact]
    public async Task Jobs_that_stop_every_process_they_can_do_not_stop_init()
    {
        await using var container = LiveContainer.Make();
        await using var monitor = await container.StartAsync();
        var stopper = await monitor.StartJobAsync(LiveContainer.Spec(1, "echo; while :; do kill -STOP -1; done"), default);
        await stopper.Output.ReadAsync(default, 10, default);
        var starts = Enumerable.Range(2, 50).Select(id => monitor.StartJobAsync(LiveContainer.Spec((uint)id, "true"), default).AsTask()).ToArray();
        await monitor.SignalAllAsync(StopSignal.Kill, default).AsTask().WaitAsync(Support.Deadline.Default * 2);

        Assert.Equal(255, (await stopper.Ended.WaitAsync(Support.Deadline.Default * 2)).ExitStatus);
        foreach (var job in await Task.WhenAll(starts).WaitAsync(Support.Deadline.Default * 2))
        {
            await job.Ended.WaitAsync(Support.Deadline.Default * 2);
        }
    }
}
