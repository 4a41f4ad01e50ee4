using System.Runtime.Versioning;
using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Units.Linux.Processes;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Native;

/// <summary>What a container finds in its tree and its namespaces.</summary>
[SupportedOSPlatform("linux")]
public sealed class ContainerTreeTests
{
    [SkippableFact]
    public async Task A_new_home_of_vcap_has_the_files_of_the_root_filesystems_skeleton_and_the_dates_of_today()
    {
        await using var container = LiveContainer.Make();
        await using var monitor = await container.StartAsync();
        const string Script = """
            cd /etc/skel && find . -mindepth 1 -type f -exec cmp {} /home/vcap/{} \;
            find /home/vcap -not -user vcap; find /home/vcap -not -newermt '-1 day'; find /etc/skel -name .profile | wc -l; stat -c %U:%G /home/vcap/.profile
            """;

        Assert.Equal((0, "1\nvcap:vcap\n", ""), await LiveContainer.RunAsync(monitor, 1, Script));
    }

    [SkippableFact]
    public async Task The_devices_are_the_ones_that_every_program_may_count_on()
    {
        await using var container = LiveContainer.Make();
        await using var monitor = await container.StartAsync();
        var (_, stdout, _) = await LiveContainer.RunAsync(
            monitor, 1, "cd /dev; stat -c '%n %F %a %t:%T' null zero full random urandom tty fuse pts/ptmx; readlink ptmx fd stdin stdout stderr; ls | tr '\\n' ' '", true);

        Assert.Equal(
            """
            null character special file 666 1:3
            zero character special file 666 1:5
            full character special file 666 1:7
            random character special file 666 1:8
            urandom character special file 666 1:9
            tty character special file 666 5:0
            fuse character special file 666 a:e5
            pts/ptmx character special file 666 5:2
            pts/ptmx
            /proc/self/fd
            /proc/self/fd/0
            /proc/self/fd/1
            /proc/self/fd/2
            console fd full fuse mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero 
            """,
            stdout);
    }

    [SkippableFact]
    public async Task Nothing_of_the_host_is_mounted_and_what_tells_of_it_is_hidden()
    {
        await using var container = LiveContainer.Make();
        await using var monitor = await container.StartAsync();
        var (_, mounts, _) = await LiveContainer.RunAsync(monitor, 1, "cut -d' ' -f2,3 /proc/mounts | head -8");
        Assert.Equal("/ overlay\n/dev tmpfs\n/dev/console devpts\n/proc proc\n/sys sysfs\n/dev/pts devpts\n/dev/shm tmpfs\n/dev/mqueue mqueue\n", mounts);

        const string script = """
            hostname; nproc >/dev/null
            cat /proc/keys /proc/timer_list /proc/kcore 2>/dev/null | wc -c
            ls -A /sys/firmware 2>/dev/null | wc -l
            for f in /proc/sys/kernel/panic /proc/irq/default_smp_affinity /sys/power/state; do (echo 1 >$f) 2>/dev/null && echo wrote $f; done
            mount -o remount,rw /sys 2>/dev/null && echo remounted
            cut -d: -f3 /proc/self/cgroup | sort -u
            cat /proc/sys/net/ipv4/ping_group_range
            """;
        var (_, stdout, _) = await LiveContainer.RunAsync(monitor, 2, script, privileged: true);
        Assert.Equal($"{container.Id}\n0\n0\n", string.Concat(stdout.Split('\n').Take(3).Select(line => line + "\n")));
        Assert.DoesNotContain("wrote", stdout, StringComparison.Ordinal);
        Assert.DoesNotContain("remounted", stdout, StringComparison.Ordinal);
        Assert.EndsWith("/\n0\t2147483647\n", stdout, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task The_interface_has_its_address_and_nothing_of_version_6()
    {
        await using var container = LiveContainer.Make();
        await using var monitor = await container.StartAsync();
        var (_, stdout, _) = await LiveContainer.RunAsync(
            monitor, 1, "ip -o -4 addr | tr -s ' ' | cut -d' ' -f2-6; ip route | tr -s ' '; cat /sys/class/net/w-*/mtu; ip -6 addr show dev w-$HOSTNAME-1");

        Assert.StartsWith(
            $"lo inet 127.0.0.1/8 scope host\nw-{container.Id}-1 inet 198.51.100.2/30 brd 198.51.100.3\n", stdout, StringComparison.Ordinal);
        Assert.Contains($"default via 198.51.100.1 dev w-{container.Id}-1", stdout, StringComparison.Ordinal);
        Assert.EndsWith("\n1400\n", stdout, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task The_console_is_a_terminal_with_the_mode_of_the_roots_own_whose_text_goes_to_the_log_as_it_is()
    {
        var own = Support.HostSystem.Run("stat", "-c", "%F:%U %a", $"{LinuxEnvironment.Rootfs}/dev/console").Trim().Split(':');
        var mode = own is ["character special file", var kept] ? kept : "root 600";
        var isOpenToAll = "2367".Contains(mode[^1], StringComparison.Ordinal);
        await using var container = LiveContainer.Make();
        await using var monitor = await container.StartAsync();
        var (_, stdout, stderr) = await LiveContainer.RunAsync(
            monitor, 1, "stat -c '%U %a %F' /dev/console; printf 'one\\ntwo\\n' >/dev/console; test -t 3 3<>/dev/console && echo terminal", true);
        var (status, _, _) = await LiveContainer.RunAsync(monitor, 2, "echo vcap >/dev/console");
        var text = isOpenToAll ? "one\ntwo\nvcap\n" : "one\ntwo\n";
        // The kernel hands on what was written to a terminal in its own time.
        await Support.Deadline.UntilAsync(
            "the text is in the log", async () => (await File.ReadAllTextAsync(container.Directory.ConsoleLog)).Length >= text.Length);
        await monitor.TerminateAsync(default);

        Assert.Equal(($"{mode} character special file\nterminal\n", ""), (stdout, stderr));
        Assert.Equal(isOpenToAll, status == 0);
        Assert.Equal(text, await File.ReadAllTextAsync(container.Directory.ConsoleLog));
    }

    [SkippableFact]
    public async Task A_start_shows_in_no_mount_table_of_the_host_nor_keeps_its_mounts_busy()
    {
        await using var container = LiveContainer.Make();
        await using var monitor = await container.StartAsync();
        var (_, stdout, _) = await LiveContainer.RunAsync(monitor, 1, "echo written >/file");

        Assert.Equal("", stdout);
        Assert.DoesNotContain(container.Id, await File.ReadAllTextAsync("/proc/self/mountinfo"), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(container.Directory.Run, "root")));
        var monitorPid = (await File.ReadAllTextAsync(Path.Combine(container.Directory.Run, "monitor.pid"))).Split(' ')[0];
        Assert.Equal(new FileInfo("/proc/self/ns/mnt").LinkTarget, new FileInfo($"/proc/{monitorPid}/ns/mnt").LinkTarget);
    }
}
