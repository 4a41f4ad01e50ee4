using Warden.Linux.Interop;
using Warden.Spec;

namespace Warden.Linux.Cgroups;

/// <summary>One container's control groups. Disposing closes what this server holds of them; they stay.</summary>
internal interface IContainerCgroup : IDisposable
{
    /// <summary>The directory of the group that has the memory controller, of whichever version, whose events tell of out of memory.</summary>
    string? MemoryPath { get; }

    /// <summary>
    /// The files <c>tasks</c> of the groups of version 1. A process of one thread that writes 0 to them enters by itself, without the lock that
    /// <see cref="Attach"/> takes for every group: the kernel grants that one only after an RCU grace period, which are milliseconds.
    /// </summary>
    IReadOnlyList<string> TaskFiles { get; }

    /// <summary>The directory of the group of version 2, for clone3(2) with CLONE_INTO_CGROUP; null where there is none.</summary>
    string? UnifiedPath { get; }

    /// <summary>Puts a process into all groups that it is not in yet; its later children are born there.</summary>
    /// <exception cref="LinuxException">It has ended, or the kernel refused.</exception>
    void Attach(int processId);

    /// <summary>The limit of memory in bytes; <see cref="Spec.Backend.ContainerStatistics.UnlimitedMemory"/> is none.</summary>
    ulong ReadMemoryLimit();

    /// <summary>Sets the limit of memory and, where it is accounted, of memory and swap; rounded up to a page.</summary>
    /// <returns>The limit in force.</returns>
    /// <exception cref="WardenException">The kernel refused, as when more is in use; the old limits stay.</exception>
    ulong LimitMemory(ulong bytes);

    /// <summary>Sets the CPU shares, 2 to 262144.</summary>
    void LimitCpu(ulong shares);

    /// <summary>The CPU shares in force.</summary>
    ulong ReadCpu();

    /// <summary>What the container uses now.</summary>
    CgroupUsage Measure();

    /// <summary>Lets what is frozen run again, in the groups beneath too, whoever froze it.</summary>
    void Thaw();

    /// <summary>Kills every process in the groups except one, and thaws them: a frozen process of version 1 dies only then.</summary>
    void KillAllBut(int processId);

    /// <summary>Ends what still runs in the groups and removes them. What is gone is no error, so it can be asked again.</summary>
    /// <exception cref="WardenException">A process withstood.</exception>
    ValueTask RemoveAsync(CancellationToken cancellationToken);
}

/// <summary>What a container uses, as its control groups account it.</summary>
/// <param name="Memory">The fields of protocol.md §2 that the kernel offers, by their names.</param>
/// <param name="CpuNanoseconds">CPU time.</param>
/// <param name="CpuUserTicks">USER_HZ ticks in user mode; null where they are not told apart.</param>
/// <param name="CpuSystemTicks">USER_HZ ticks in the kernel.</param>
internal readonly record struct CgroupUsage(
    IReadOnlyList<KeyValuePair<string, ulong>> Memory, ulong CpuNanoseconds, ulong? CpuUserTicks, ulong? CpuSystemTicks);
