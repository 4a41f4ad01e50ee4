using System.Runtime.Versioning;
using Warden.ConformanceTests.Support;
using Warden.ConformanceTests.Units.Linux.Processes;
using Warden.Spec;
using Warden.Spec.Backend;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Native;

/// <summary>Known ways out of containers of other hosts, each by its name in the list of vulnerabilities.</summary>
[SupportedOSPlatform("linux")]
public sealed class EscapeTests
{
    /// <summary>CVE-2019-5736: the program that enters a container is overwritten by way of /proc/self/exe.</summary>
    [SkippableFact]
    public async Task The_program_of_init_cannot_be_overwritten()
    {
        await using var container = LiveContainer.Make();
        await using var monitor = await container.StartAsync();
        var helper = Path.Combine(AppContext.BaseDirectory, "warden-helper");
        var before = await File.ReadAllBytesAsync(helper);

        // The script of the next job is run by what starts it: the helper executes itself, and a process waits for that.
        const string Attack = """
            cp /bin/bash /bin/bash.real; printf '#!/proc/self/exe\n' > /bin/trap; chmod 755 /bin/trap; mv /bin/trap /bin/bash
            for process in /proc/[0-9]*; do (exec 3<> $process/exe && echo x >&3 && echo "overwritten $process") 2> /dev/null; done
            mv /bin/bash.real /bin/bash; ls -l /proc/1/exe 2>&1 | grep -c 'Permission denied'
            """;
        var (_, stdout, _) = await LiveContainer.RunAsync(monitor, 1, Attack, privileged: true);

        Assert.Equal("1\n", stdout);
        Assert.Equal(before, await File.ReadAllBytesAsync(helper));

        // Not even by the host's root: what runs is a sealed copy of the file.
        Assert.StartsWith("/memfd:", new FileInfo($"/proc/{monitor.InitPid}/exe").LinkTarget, StringComparison.Ordinal);
        Assert.ThrowsAny<Exception>(() =>
        {
            using var file = new FileStream($"/proc/{monitor.InitPid}/exe", FileMode.Open, FileAccess.Write);
            file.Write("x"u8);
            file.Flush();
        });
    }

    /// <summary>CVE-2024-21626, CVE-2016-9962: a descriptor or a working directory of the host is left open in the container.</summary>
    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Neither_init_nor_a_job_has_a_descriptor_or_a_directory_of_the_host(bool privileged)
    {
        await using var container = LiveContainer.Make();
        await using var monitor = await container.StartAsync();
        var (status, stdout, stderr) = await LiveContainer.RunAsync(
            monitor,
            1,
            "pwd; for fd in /proc/self/fd/*; do echo ${fd##*/} $(readlink $fd | sed 's/:.*//'); done; ls /proc/self/cwd/../../../../../.. | grep -c ^proc$; readlink /proc/1/fd/* /proc/1/cwd /proc/1/root /proc/1/exe; true",
            privileged);

        var home = privileged ? "/root" : "/home/vcap";
        Assert.Equal((0, ""), (status, stderr));
        var lines = stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(home, lines[0]);
        Assert.Equal(["0", "1", "2"], lines[1..^1].Select(line => line.Split(' ')[0]).Where(number => int.Parse(number) < 3));
        Assert.All(lines[1..4], line => Assert.EndsWith(" pipe", line, StringComparison.Ordinal));
        Assert.Equal("1", lines[^1]);

        // What init has, by the host's eyes: a socket, its events, and files of the container's own mounts.
        var process = $"/proc/{monitor.InitPid}";
        var targets = Directory.GetFiles($"{process}/fd").Select(fd => new FileInfo(fd).LinkTarget ?? "").ToList();
        Assert.All(targets, target => Assert.True(
            target is "/dev/null" or "/proc" or "/" || target.StartsWith("socket:", StringComparison.Ordinal) || target.StartsWith("anon_inode:", StringComparison.Ordinal)
            || target.StartsWith("pipe:", StringComparison.Ordinal), target));
        Assert.Equal(("/", "/"), (new FileInfo($"{process}/cwd").LinkTarget, new FileInfo($"{process}/root").LinkTarget));
        Assert.Equal(["home", "proc"], Directory.GetDirectories($"{process}/cwd/").Select(Path.GetFileName).Intersect(["home", "proc"]).Order());
    }

    /// <summary>CVE-2022-27650: inheritable capabilities come back by files that have them.</summary>
    [SkippableFact]
    public async Task No_job_has_inheritable_or_ambient_capabilities()
    {
        await using var container = LiveContainer.Make();
        await using var monitor = await container.StartAsync();
        foreach (var privileged in new[] { false, true })
        {
            var (_, stdout, _) = await LiveContainer.RunAsync(monitor, privileged ? 2u : 1u, "grep -E '^Cap(Inh|Amb)' /proc/self/status", privileged);
            Assert.Equal("CapInh:\t0000000000000000\nCapAmb:\t0000000000000000\n", stdout);
        }
    }

    /// <summary>CVE-2022-0492: a group's release_agent of cgroup v1 is a program that the host's kernel runs as root.</summary>
    [SkippableFact]
    public async Task No_release_agent_is_reached_and_no_control_groups_are_mounted()
    {
        await using var container = LiveContainer.Make();
        await using var monitor = await container.StartAsync();
        const string Attack = """
            mkdir -p /tmp/groups
            for type in rdma memory pids cpu; do mount -t cgroup -o $type cgroup /tmp/groups 2> /dev/null && echo mounted; done
            mount -t cgroup2 cgroup /tmp/groups 2> /dev/null && echo mounted
            unshare --user --map-root-user --cgroup --mount true 2> /dev/null && echo namespaces
            find / -xdev -name release_agent -print 2> /dev/null; find /sys /proc -maxdepth 5 -name release_agent -print 2> /dev/null
            echo done
            """;
        foreach (var privileged in new[] { false, true })
        {
            Assert.Equal("done\n", (await LiveContainer.RunAsync(monitor, privileged ? 2u : 1u, Attack, privileged)).Stdout);
        }
    }

    /// <summary>CVE-2025-31133: a link in the place of /dev/null is what the masks of /proc then show, writable.</summary>
    [SkippableFact]
    public async Task A_link_in_the_place_of_the_null_device_fails_the_start()
    {
        await using var container = LiveContainer.Make();
        using var devices = new TemporaryDirectory();
        File.CreateSymbolicLink(devices["null"], "/proc/sys/kernel/core_pattern");
        container.Start = container.Start with { BindMounts = [new BindMountSpec(devices.Path, "/dev", Writable: true)] };
        var error = await Assert.ThrowsAsync<WardenException>(() => container.StartAsync().AsTask());

        Assert.Contains("/dev/null (child-after-pivot)", error.Message, StringComparison.Ordinal);
        await container.NothingIsLeftAsync();
    }

    /// <summary>CVE-2025-52565: the console is mounted where a link of the root filesystem leads.</summary>
    [SkippableFact]
    public async Task A_link_in_the_place_of_the_console_leads_nowhere()
    {
        await using var container = LiveContainer.Make();
        Directory.CreateDirectory(Path.Combine(container.Directory.Upper, "dev"));
        File.CreateSymbolicLink(Path.Combine(container.Directory.Upper, "dev/console"), "/proc/sys/kernel/core_pattern");
        await using var monitor = await container.StartAsync();
        var (_, stdout, _) = await LiveContainer.RunAsync(
            monitor, 1, "stat -c '%F %t' /dev/console; (echo x > /proc/sys/kernel/core_pattern) 2> /dev/null || echo kept; grep -c core_pattern /proc/mounts", privileged: true);

        Assert.Equal("character special file 88\nkept\n0\n", stdout);
    }

    /// <summary>CVE-2025-52881: what the runtime writes to /proc is written elsewhere, by a link of the root filesystem.</summary>
    [SkippableTheory]
    [InlineData("proc")]
    [InlineData("sys")]
    public async Task A_root_filesystem_with_a_link_in_the_place_of_proc_or_sys_is_refused(string name)
    {
        await using var container = LiveContainer.Make();
        File.CreateSymbolicLink(Path.Combine(container.Directory.Upper, name), "/tmp");
        var error = await Assert.ThrowsAsync<WardenException>(() => container.StartAsync().AsTask());

        Assert.EndsWith($"in the container on /{name} (child-after-pivot): Not a directory", error.Message, StringComparison.Ordinal);
        await container.NothingIsLeftAsync();
    }

    [SkippableFact]
    public async Task A_root_filesystem_without_bash_fails_the_start_and_is_named()
    {
        await using var container = LiveContainer.Make();
        using var empty = new TemporaryDirectory();
        foreach (var name in (string[])["proc", "sys", "etc", "tmp"])
        {
            empty.Make(name);
        }

        container.Start = container.Start with { Lower = empty.Path };
        var error = await Assert.ThrowsAsync<WardenException>(() => container.StartAsync().AsTask());

        Assert.Equal($"rootfs {empty.Path} has no /bin/bash to run jobs with: No such file or directory (child-after-pivot)", error.Message);
        await container.NothingIsLeftAsync();
    }
}
