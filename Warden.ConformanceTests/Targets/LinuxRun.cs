using System.Diagnostics;
using Warden.ConformanceTests.Reporting;
using Warden.ConformanceTests.Support;

namespace Warden.ConformanceTests.Targets;

/// <summary>
/// What all hosts of a machine share: the depot's file system, a directory of the machine, and a control group of which theirs are parts. A process
/// keeps the mounts and ends with the tests, however they end; nothing of it is in the machine's own table of mounts.
/// </summary>
internal sealed class LinuxRun : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly TemporaryDirectory _directory = new();
    private readonly LinuxCgroups _groups;
    private Process? _keeper;
    private int _count;

    private LinuxRun(LinuxMachine machine)
    {
        Machine = machine;
        _groups = LinuxCgroups.Create($"warden-suite-{Environment.ProcessId}", machine.ProcessId);
    }

    /// <summary>Where the hosts are.</summary>
    public LinuxMachine Machine { get; }

    /// <summary>The process in whose mounts the depots are.</summary>
    public int KeeperId { get; private set; }

    /// <summary>Why the depots' file system limits no disk, or null.</summary>
    public string? WithoutQuotas { get; private set; }

    /// <summary>Whether the depots are on btrfs, where each container has a quota of its own; else it is a user's.</summary>
    public bool IsBtrfs { get; private set; }

    /// <summary>The directory that every host sees as the machine does.</summary>
    public TemporaryDirectory Shared => _directory;

    /// <summary>Begins on a machine, which ends with it.</summary>
    public static async Task<LinuxRun> StartAsync(LinuxMachine machine)
    {
        var run = new LinuxRun(machine);
        try
        {
            var start = machine.Script(
                ["depot", LinuxEnvironment.DepotKind, run._directory["depot.img"], run._directory.Make("depot"), .. run._groups.Paths]);
            run._keeper = Process.Start(start)!;
            var words = (await LinuxHost.FirstLineAsync(run._keeper)).Split(' ', 3);
            run.KeeperId = int.Parse(words[0]);
            run.IsBtrfs = words[1] == "btrfs";
            run.WithoutQuotas = words is [_, _, { Length: > 0 } why] ? why : null;
            var kind = words[1] == "here" ? $"the file system of {Path.GetTempPath()}, the machine's own" : $"an image of {words[1]}";
            var lack = run.WithoutQuotas is null ? "" : $", without disk limits: {run.WithoutQuotas}";
            ReportWriter.AppendLog("linux-depot.txt", $"The depots of the Linux servers are on {kind}{lack}.");
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    /// <summary>A control group, a depot's path in it, and where its user ids begin, for one host.</summary>
    /// <remarks>
    /// Quotas of users are a file system's, which these hosts share as no others do: each has users of its own. On btrfs the server's default
    /// stays: the user is null.
    /// </remarks>
    public (LinuxCgroups Groups, string Depot, int? FirstUser) Next()
    {
        const int FirstOfAll = 100000;
        const int UsersOfAHost = 64;
        var number = Interlocked.Increment(ref _count);
        return (_groups.CreateChild($"h{number}"), $"{_directory["depot"]}/h{number}", IsBtrfs ? null : FirstOfAll + (number * UsersOfAHost));
    }

    /// <summary>A copy of the root filesystem that says of itself that it is another.</summary>
    public async Task<string> OtherRootfsAsync()
    {
        await _gate.WaitAsync();
        try
        {
            var path = _directory["rootfs"];
            if (!Directory.Exists(path))
            {
                HostSystem.Run("cp", "-a", Machine.PathOf(Machine.Rootfs), path);
                await File.WriteAllTextAsync(Path.Combine(path, "etc/debian_version"), "another\n");
            }

            return path;
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_keeper is { } keeper)
        {
            keeper.StandardInput.Close();
            await keeper.WaitForExitAsync().WaitAsync(Deadline.Default);
            keeper.Dispose();
        }

        _groups.Remove();
        await Machine.DisposeAsync();
        _directory.Dispose();
        _gate.Dispose();
    }
}
