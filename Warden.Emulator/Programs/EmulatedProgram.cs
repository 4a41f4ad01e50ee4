using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>A program of the emulated machine. One instance serves all processes: it keeps no state of a run.</summary>
public abstract class EmulatedProgram
{
    /// <summary>
    /// The paths at which a root filesystem has it, such as "/usr/bin/cat". /bin and /sbin are symbolic links into /usr there, as in Debian.
    /// </summary>
    public abstract IReadOnlyList<string> Paths { get; }

    /// <summary>Runs in a process and returns its exit status, 0 to 255.</summary>
    public abstract ValueTask<int> RunAsync(Process process);
}
