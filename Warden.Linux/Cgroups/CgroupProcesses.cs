using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Warden.Linux.Cgroups.Interop;
using Warden.Linux.Interop;
using Warden.Spec;

namespace Warden.Linux.Cgroups;

/// <summary>The processes in a container's groups, however they come and go, and their end.</summary>
internal sealed class CgroupProcesses
{
    private const string FreezeFile = "cgroup.freeze";

    private readonly IReadOnlyList<CgroupDirectory> _groups;
    private readonly string? _freezer;
    private readonly string? _unified;

    public CgroupProcesses(IReadOnlyList<CgroupDirectory> groups)
    {
        _groups = groups;
        _freezer = groups.Where(group => group.Hierarchy.Controllers.Contains("freezer")).Select(group => group.Path).FirstOrDefault();
        _unified = groups.Where(group => group.Hierarchy.Unified).Select(group => group.Path).FirstOrDefault();
    }

    /// <summary>Kills until none is left.</summary>
    /// <exception cref="WardenException">Some are left after that time.</exception>
    public void End(string id, TimeSpan within)
    {
        var clock = Stopwatch.StartNew();
        do
        {
            // One order of the kernel ends all of them, those that are being forked included; without it they are held still meanwhile.
            if (_unified is null || CgroupFile.TryWrite(Path.Combine(_unified, "cgroup.kill"), "1") != 0)
            {
                Freeze();
            }

            List<SafeFileHandle> processes;
            try
            {
                processes = Kill();
            }
            finally
            {
                // What is frozen dies only after thawing.
                Thaw();
            }

            if (processes.Count == 0)
            {
                return;
            }

            foreach (var process in processes)
            {
                using (process)
                {
                    Poll.Wait(process, Poll.In, within - clock.Elapsed);
                }
            }

            WaitForRelease(within - clock.Elapsed);
        }
        while (clock.Elapsed < within);

        var left = List();
        if (left.Count != 0)
        {
            throw new WardenException($"{left.Count} processes of the container {id} do not end, among them {left.First()} of the host");
        }
    }

    /// <summary>Waits until the kernel says that the groups hold nothing, at most that long.</summary>
    public void WaitForRelease(TimeSpan within)
    {
        if (_unified is null)
        {
            return;
        }

        var clock = Stopwatch.StartNew();
        var path = Path.Combine(_unified, "cgroup.events");
        try
        {
            using var file = CgroupFile.Open(path);
            Span<byte> buffer = stackalloc byte[256];
            while (buffer[..CgroupFile.Read(file, path, buffer)].IndexOf("populated 1"u8) >= 0 && clock.Elapsed < within)
            {
                Poll.Wait(file, Poll.Priority, within - clock.Elapsed);
            }
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOENT or Errno.ENODEV)
        {
            // The group is gone.
        }
    }

    /// <summary>Kills every process of the container but one, then thaws its groups.</summary>
    public void KillAllBut(int spared)
    {
        foreach (var process in Kill(spared))
        {
            process.Dispose();
        }

        Thaw();
    }

    /// <summary>Kills what is listed; returns descriptors of what was there.</summary>
    private List<SafeFileHandle> Kill(int? spared = null)
    {
        var opened = new Dictionary<int, SafeFileHandle>();
        foreach (var processId in List())
        {
            if (processId != spared && Pidfd.Open(processId) is { } process)
            {
                opened[processId] = process;
            }
        }

        // An id that is still listed now that it is held is no other process's that got it since.
        var confirmed = opened.Count == 0 ? [] : List();
        var killed = new List<SafeFileHandle>();
        foreach (var (processId, process) in opened)
        {
            if (confirmed.Contains(processId) && Pidfd.SendSignal(process, Pidfd.SIGKILL))
            {
                killed.Add(process);
            }
            else
            {
                process.Dispose();
            }
        }

        return killed;
    }

    private HashSet<int> List()
    {
        var result = new HashSet<int>();
        foreach (var directory in _groups.SelectMany(group => CgroupTree.Beneath(group.Path)))
        {
            foreach (var line in CgroupFile.TryReadText(Path.Combine(directory, "cgroup.procs"))?.Split('\n') ?? [])
            {
                // 0 stands for a process that this process's pid namespace does not show.
                if (int.TryParse(line, out var processId) && processId > 0 && processId != Environment.ProcessId)
                {
                    result.Add(processId);
                }
            }
        }

        return result;
    }

    private void Freeze()
    {
        if (_freezer is not null)
        {
            _ = CgroupFile.TryWrite(Path.Combine(_freezer, "freezer.state"), "FROZEN");
        }
        else if (_unified is not null)
        {
            _ = CgroupFile.TryWrite(Path.Combine(_unified, FreezeFile), "1");
        }
    }

    /// <summary>Lets what is frozen run again, also what was frozen in a group beneath, by whomever.</summary>
    public void Thaw()
    {
        foreach (var directory in _freezer is null ? [] : CgroupTree.Beneath(_freezer))
        {
            _ = CgroupFile.TryWrite(Path.Combine(directory, "freezer.state"), "THAWED");
        }

        // Where both versions are mounted, either of them may have been used.
        foreach (var directory in _unified is null ? [] : CgroupTree.Beneath(_unified))
        {
            _ = CgroupFile.TryWrite(Path.Combine(directory, FreezeFile), "0");
        }
    }
}
