using System.Diagnostics;
using System.Net;
using System.Runtime.Versioning;
using System.Text;
using Warden.ConformanceTests.Support;
using Warden.Linux.Filesystem;
using Warden.Linux.Processes;
using Warden.Spec.Backend;
using Xunit;

namespace Warden.ConformanceTests.Units.Linux.Processes;

/// <summary>
/// A container of the real helper without cgroups, whose network is a pair of interfaces with both ends in the container: nothing of the
/// machine's network is touched.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class LiveContainer : IAsyncDisposable
{
    public const uint UserId = 23456;

    private static readonly TimeSpan Patience = Support.Deadline.Default * 2;
    private static int _last;

    private readonly string _base = System.IO.Directory.CreateTempSubdirectory("warden-live-").FullName;
    private readonly LinuxDepot _depot;
    private readonly HelperProgram _helper = HelperProgram.Load();

    private LiveContainer()
    {
        Id = $"t{Environment.ProcessId:x7}{Interlocked.Increment(ref _last):x3}";
        _depot = LinuxDepot.Open(Path.Combine(_base, "depot"), quotaEnabled: false);
        Directory = _depot.Create(Id);
        var lowerUserId = EtcFiles.Write(Directory, Rootfs, new EtcContent
        {
            HostName = Id,
            Address = IPAddress.Parse("198.51.100.2"),
            UserId = UserId,
            ResolvConf = "",
        });
        Start = new ContainerStart
        {
            Id = Id,
            Path = Directory.Path,
            RunDirectory = Directory.Run,
            Lower = Rootfs,
            Upper = Directory.Upper,
            Work = Directory.Work,
            LowerUserId = lowerUserId,
            UserId = UserId,
            Interface = $"w-{Id}-1",
            Address = IPAddress.Parse("198.51.100.2"),
            Gateway = IPAddress.Parse("198.51.100.1"),
            PrefixLength = 30,
            Mtu = 1400,
            ConsoleLog = Directory.ConsoleLog,
            ConsoleMaxBytes = 1 << 20,
            NoNewPrivileges = true,
            AllowNestedWarden = false,
            BindMounts = [],
        };
    }

    public string Id { get; }

    public ContainerDirectory Directory { get; }

    public ContainerStart Start { get; set; }

    /// <summary>The child's process id, once it was cloned.</summary>
    public int ChildPid { get; private set; }

    private static string Rootfs => Environment.GetEnvironmentVariable("WARDEN_ROOTFS") ?? "/var/cache/warden/rootfs";

    public static LiveContainer Make()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Linux alone has containers.");
        Skip.IfNot(Environment.IsPrivilegedProcess, "Only root makes containers.");
        Skip.IfNot(System.IO.Directory.Exists(Rootfs), $"There is no root filesystem {Rootfs}; WARDEN_ROOTFS names another.");
        Skip.IfNot(File.Exists(Path.Combine(AppContext.BaseDirectory, "warden-helper")), "The helper was not built: no C compiler.");
        Requirements.Programs("nsenter", "ip");
        return new LiveContainer();
    }

    public ValueTask<ContainerMonitor> StartAsync(CancellationToken cancellationToken = default) =>
        StartAsync(AddInterfaceAsync, cancellationToken);

    public ValueTask<ContainerMonitor> StartAsync(
        Func<int, CancellationToken, ValueTask<string?>> afterClone, CancellationToken cancellationToken = default) =>
        ContainerMonitor.StartAsync(
            _helper,
            Start,
            (pid, token) =>
            {
                ChildPid = pid;
                return afterClone(pid, token);
            },
            cancellationToken);

    public async ValueTask<string?> AddInterfaceAsync(int pid, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("nsenter") { RedirectStandardError = true };
        foreach (var argument in (string[])["-t", $"{pid}", "-n", "ip", "link", "add", $"w-{Id}-1", "type", "veth", "peer", "name", "peer"])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var error = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 ? null : throw new IOException(error);
    }

    /// <summary>Runs a script to its end and returns its status and what it printed.</summary>
    public static async Task<(int Status, string Stdout, string Stderr)> RunAsync(
        ContainerMonitor monitor, uint id, string script, bool privileged = false)
    {
        var job = await monitor.StartJobAsync(Spec(id, script) with { Privileged = privileged }, default);
        var end = await job.Ended.WaitAsync(Patience);
        var (stdout, stderr) = await ReadAsync(job);
        return (end.ExitStatus, stdout, stderr);
    }

    public static async Task<(string Stdout, string Stderr)> ReadAsync(IBackendJob job)
    {
        var (stdout, stderr) = (new StringBuilder(), new StringBuilder());
        for (OutputPosition position = default; ;)
        {
            var chunk = await job.Output.ReadAsync(position, 65536, default).AsTask().WaitAsync(Patience);
            if (chunk.IsEnd)
            {
                return (stdout.ToString(), stderr.ToString());
            }

            (chunk.Stream == OutputStream.Stdout ? stdout : stderr).Append(Encoding.UTF8.GetString(chunk.Data.Span));
            position = chunk.Next;
        }
    }

    public static JobSpec Spec(uint id, string script) => new()
    {
        Id = id,
        Script = Encoding.UTF8.GetBytes(script),
        Limits = ResourceLimitSet.Default,
        Language = "C.UTF-8",
    };

    /// <summary>Nothing is left of the child that was cloned, nor of its monitor. What has been killed ends when its turn comes.</summary>
    public Task NothingIsLeftAsync() =>
        Support.Deadline.UntilAsync("nothing is left of the container", () => Task.FromResult(HasEnded(ChildPid) && !HasMonitor()));

    private bool HasMonitor()
    {
        foreach (var directory in System.IO.Directory.GetDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)))
        {
            try
            {
                if (File.ReadAllText($"{directory}/comm").Trim() is "warden-monitor" or "warden-helper"
                    && (new FileInfo($"{directory}/fd/2").LinkTarget ?? "").Contains(_base, StringComparison.Ordinal))
                {
                    return true;
                }
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }

        return false;
    }

    // One whose parent was killed is reaped by the host's init, when that comes to it.
    private static bool HasEnded(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/stat") is var stat
                && (stat.Contains(") Z ", StringComparison.Ordinal) || stat.Contains(") X ", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return true;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ContainerMonitor.KillRemainsAsync(Directory.Run, default);
        _helper.Dispose();
        _depot.Remove(Id);
        _depot.Dispose();
        System.IO.Directory.Delete(_base, recursive: true);
    }
}
