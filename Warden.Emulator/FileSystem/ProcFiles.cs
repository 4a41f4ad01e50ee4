using System.Globalization;
using System.Text;
using Warden.Emulator.Machine;
using Warden.Spec.Backend;

namespace Warden.Emulator.FileSystem;

/// <summary>The content of /proc (proc(5)).</summary>
internal static class ProcFiles
{
    private const int UserHz = 100;
    private const string Version = "Linux version 6.1.0-warden (warden@warden) #1 SMP emulated";

    private static readonly Dictionary<string, Func<EmulatedContainer, string>> Texts = new(StringComparer.Ordinal)
    {
        ["mounts"] = Mounts,
        ["meminfo"] = MemoryInfo,
        ["cpuinfo"] = _ => ProcessorInfo(),
        ["uptime"] = container => string.Create(CultureInfo.InvariantCulture, $"{Uptime(container):F2} {Uptime(container):F2}\n"),
        ["loadavg"] = container => $"0.00 0.00 0.00 1/{container.Table.Count} {container.Table.Max(process => process.Id)}\n",
        ["stat"] = container => $"cpu  0 0 0 0 0 0 0 0 0 0\nbtime {container.Started.ToUnixTimeSeconds()}\nprocesses {container.Table.Count}\n",
        ["version"] = _ => Version + "\n",
        ["filesystems"] = _ => "nodev\tproc\nnodev\tsysfs\nnodev\ttmpfs\nnodev\tdevtmpfs\nnodev\toverlay\n\text4\n",
        ["cmdline"] = _ => "\n",
    };

    private static readonly Dictionary<string, Func<EmulatedContainer, string>> KernelTexts = new(StringComparer.Ordinal)
    {
        ["hostname"] = container => container.HostName + "\n",
        ["ostype"] = _ => "Linux\n",
        ["osrelease"] = _ => "6.1.0-warden\n",
        ["version"] = _ => "#1 SMP emulated\n",
        ["pid_max"] = _ => "32768\n",
        ["threads-max"] = _ => "32768\n",
    };

    private static readonly Dictionary<string, Func<Process, string>> ProcessTexts = new(StringComparer.Ordinal)
    {
        ["comm"] = process => process.CommandName + "\n",
        ["cmdline"] = process => string.Concat(process.Arguments.Select(argument => argument + "\0")),
        ["environ"] = process => string.Concat(process.Environment.Select(entry => $"{entry.Key}={entry.Value}\0")),
        ["status"] = Status,
        ["stat"] = Stat,
        ["statm"] = process => $"{process.ResidentBytes / 4096} {process.ResidentBytes / 4096} 0 0 0 {process.ResidentBytes / 4096} 0\n",
        ["limits"] = Limits,
        ["mounts"] = process => Mounts(process.Container),
        ["cgroup"] = _ => "0::/\n",
        ["oom_score_adj"] = _ => "0\n",
    };

    /// <summary>Makes the directory for a container.</summary>
    internal static Inode MakeRoot(Volume beneath)
    {
        var container = beneath.Container;
        var volume = container.AddVolume("proc", "/proc");
        var kernel = MakeTexts(volume, KernelTexts);
        var sys = MakeDirectory(volume, ("kernel", kernel));
        return new ProcDirectory(
            volume,
            (process, name) => name switch
            {
                "self" => new ProcLink(volume, null, () => process.Id.ToString(CultureInfo.InvariantCulture)),
                "thread-self" => new ProcLink(volume, null, () => $"{process.Id}/task/{process.Id}"),
                "net" => MakeDirectory(volume),
                "sys" => sys,
                _ when Texts.TryGetValue(name, out var text) => new ProcFile(volume, () => text(container)),
                _ when int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && name[0] != '0' =>
                    container.FindProcess(id) is { } found ? MakeProcess(volume, found) : null,
                _ => null,
            },
            _ => container.Table.Select(process => process.Id).Order()
                .Select(id => new DirectoryEntry(id.ToString(CultureInfo.InvariantCulture), FileKind.Directory))
                .Concat(Texts.Keys.Select(name => new DirectoryEntry(name, FileKind.Regular)))
                .Append(new("net", FileKind.Directory)).Append(new("sys", FileKind.Directory))
                .Append(new("self", FileKind.SymbolicLink)).Append(new("thread-self", FileKind.SymbolicLink)));
    }

    private static ProcDirectory MakeProcess(Volume volume, Process process, bool isTask = false)
    {
        var user = process.UserId;
        return new ProcDirectory(
            volume,
            (_, name) => name switch
            {
                "fd" => MakeDescriptors(volume, process),
                "cwd" => new ProcLink(volume, _ => process.WorkingDirectory, () => process.CurrentDirectory, user),
                "root" => new ProcLink(volume, _ => volume.Container.Root, () => "/", user),
                "exe" => new ProcLink(volume, null, () => process.ExecutablePath, user),
                "task" when !isTask => MakeDirectory(
                    volume, (process.Id.ToString(CultureInfo.InvariantCulture), MakeProcess(volume, process, isTask: true))),
                _ => ProcessTexts.TryGetValue(name, out var text) ? new ProcFile(volume, () => text(process), user) : null,
            },
            _ => ProcessTexts.Keys.Select(name => new DirectoryEntry(name, FileKind.Regular))
                .Append(new("fd", FileKind.Directory)).Append(new("cwd", FileKind.SymbolicLink))
                .Append(new("root", FileKind.SymbolicLink))
                .Append(new("exe", FileKind.SymbolicLink))
                .Concat(isTask ? [] : [new DirectoryEntry("task", FileKind.Directory)]),
            user);
    }

    private static ProcDirectory MakeDescriptors(Volume volume, Process process) => new(
        volume,
        (_, name) => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var fd) ? MakeDescriptor(volume, process, fd) : null,
        reader => process.DescriptorsFor(reader).Select(
            fd => new DirectoryEntry(fd.ToString(CultureInfo.InvariantCulture), FileKind.SymbolicLink)),
        process.UserId,
        mode: 0x140);

    private static ProcLink? MakeDescriptor(Volume volume, Process process, int fd)
    {
        if (process.TryGetFile(fd, out var file))
        {
            return new ProcLink(volume, _ => file.Inode ?? new OpenFileInode(volume, file), () => file.Name, process.UserId);
        }

        return process.IsListingDescriptor(fd)
            ? new ProcLink(volume, null, () => $"/proc/{process.Id}/fd", process.UserId)
            : null;
    }

    private static ProcDirectory MakeTexts(Volume volume, Dictionary<string, Func<EmulatedContainer, string>> texts) => new(
        volume,
        (_, name) => texts.TryGetValue(name, out var text) ? new ProcFile(volume, () => text(volume.Container)) : null,
        _ => texts.Keys.Select(name => new DirectoryEntry(name, FileKind.Regular)));

    private static ProcDirectory MakeDirectory(Volume volume, params (string Name, Inode Node)[] children) => new(
        volume,
        (_, name) => Array.Find(children, child => child.Name == name).Node,
        _ => children.Select(child => new DirectoryEntry(child.Name, child.Node.Kind)));

    private static double Uptime(EmulatedContainer container) => (container.Clock.GetUtcNow() - container.Started).TotalSeconds;

    private static string Mounts(EmulatedContainer container)
    {
        container.MountAll();
        var text = new StringBuilder();
        foreach (var volume in container.Volumes)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Escape(volume.Source)} {Escape(volume.MountPoint)} {volume.TypeName} ")
                .Append(volume.IsReadOnly ? "ro" : "rw").Append(",relatime 0 0\n");
        }

        return text.ToString();
    }

    private static string Escape(string path) => path.Replace(" ", "\\040", StringComparison.Ordinal)
        .Replace("\t", "\\011", StringComparison.Ordinal).Replace("\n", "\\012", StringComparison.Ordinal);

    private static string MemoryInfo(EmulatedContainer container)
    {
        const long Unlimited = 4L << 30;
        var total = container.MemoryLimit >= ContainerStatistics.UnlimitedMemory ? Unlimited : (long)container.MemoryLimit;
        var free = Math.Max(0, total - container.MemoryBytes);
        return string.Join('\n', new (string Name, long Bytes)[]
        {
            ("MemTotal", total), ("MemFree", free), ("MemAvailable", free), ("Buffers", 0), ("Cached", container.SharedBytes),
            ("SwapTotal", 0), ("SwapFree", 0), ("Shmem", container.SharedBytes),
        }.Select(line => $"{line.Name + ":",-15}{line.Bytes / 1024,9} kB")) + "\n";
    }

    private static string ProcessorInfo() => string.Concat(Enumerable.Range(0, System.Environment.ProcessorCount).Select(
        number => $"processor\t: {number}\nvendor_id\t: Warden\nmodel name\t: Emulated processor\ncpu cores\t: 1\n\n"));

    private static string Status(Process process)
    {
        var name = process.StateLetter switch { 'R' => "running", 'S' => "sleeping", 'T' => "stopped", _ => "zombie" };
        var (user, group) = (process.UserId, process.PrimaryGroupId);
        return $"Name:\t{process.CommandName}\nUmask:\t0{Convert.ToString(process.Umask, 8).PadLeft(3, '0')}\n"
            + $"State:\t{process.StateLetter} ({name})\nTgid:\t{process.Id}\nPid:\t{process.Id}\nPPid:\t{process.ParentId}\n"
            + $"Uid:\t{user}\t{user}\t{user}\t{user}\nGid:\t{group}\t{group}\t{group}\t{group}\n"
            + $"FDSize:\t{Math.Max(64, process.Descriptors.Count)}\nGroups:\t{string.Concat(process.Groups.Select(one => one + " "))}\n"
            + $"VmPeak:\t{process.ResidentBytes / 1024,8} kB\nVmSize:\t{process.ResidentBytes / 1024,8} kB\n"
            + $"VmRSS:\t{process.ResidentBytes / 1024,8} kB\nThreads:\t1\n"
            + $"SigPnd:\t{0:x16}\nSigBlk:\t{0:x16}\nSigIgn:\t{process.IgnoredSignals:x16}\nSigCgt:\t{process.HandledSignals:x16}\n";
    }

    private static string Stat(Process process)
    {
        var (own, children) = process.ProcessorTime;
        var start = (long)((process.StartTime - process.Container.Started).TotalSeconds * UserHz);
        return $"{process.Id} ({process.CommandName}) {process.StateLetter} {process.ParentId} {process.GroupId} {process.SessionId} 0 -1 0 "
            + $"0 0 0 0 {Ticks(own)} 0 {Ticks(children)} 0 {20 + process.Nice} {process.Nice} 1 0 {start} {process.ResidentBytes} "
            + $"{process.ResidentBytes / 4096} 18446744073709551615 0 0 0 0 0 0 0 {process.IgnoredSignals} {process.HandledSignals} "
            + "0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n";
    }

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * UserHz);

    private static string Limits(Process process)
    {
        (string Name, ResourceLimit Limit, string Unit)[] rows =
        [
            ("Max cpu time", ResourceLimit.Cpu, "seconds"), ("Max file size", ResourceLimit.Fsize, "bytes"),
            ("Max data size", ResourceLimit.Data, "bytes"), ("Max stack size", ResourceLimit.Stack, "bytes"),
            ("Max core file size", ResourceLimit.Core, "bytes"), ("Max resident set", ResourceLimit.Rss, "bytes"),
            ("Max processes", ResourceLimit.Nproc, "processes"), ("Max open files", ResourceLimit.Nofile, "files"),
            ("Max locked memory", ResourceLimit.Memlock, "bytes"), ("Max address space", ResourceLimit.As, "bytes"),
            ("Max file locks", ResourceLimit.Locks, "locks"), ("Max pending signals", ResourceLimit.Sigpending, "signals"),
            ("Max msgqueue size", ResourceLimit.Msgqueue, "bytes"), ("Max nice priority", ResourceLimit.Nice, ""),
            ("Max realtime priority", ResourceLimit.Rtprio, ""),
        ];
        var text = new StringBuilder($"{"Limit",-26}{"Soft Limit",-21}{"Hard Limit",-21}Units     \n");
        foreach (var (name, limit, unit) in rows)
        {
            var (soft, hard) = process.GetLimit(limit);
            text.Append(CultureInfo.InvariantCulture, $"{name,-26}{Show(soft),-21}{Show(hard),-21}{unit,-10}\n");
        }

        return text.ToString();
    }

    private static string Show(ulong value) =>
        value == ResourceLimitSet.Unlimited ? "unlimited" : value.ToString(CultureInfo.InvariantCulture);
}
