namespace Warden.Emulator.Machine;

/// <summary>Signals by their numbers on x86-64 Linux (signal(7)).</summary>
public enum Signal
{
#pragma warning disable CS1591 // The names are signal(7)'s.
    HUP = 1, INT = 2, QUIT = 3, ILL = 4, TRAP = 5, ABRT = 6, BUS = 7, FPE = 8, KILL = 9, USR1 = 10, SEGV = 11, USR2 = 12, PIPE = 13,
    ALRM = 14, TERM = 15, STKFLT = 16, CHLD = 17, CONT = 18, STOP = 19, TSTP = 20, TTIN = 21, TTOU = 22, URG = 23, XCPU = 24, XFSZ = 25,
    VTALRM = 26, PROF = 27, WINCH = 28, IO = 29, PWR = 30, SYS = 31,
#pragma warning restore CS1591
}

/// <summary>What a process does with a signal.</summary>
public enum SignalAction
{
    /// <summary>Ends (or ignores, for CHLD, CONT, URG and WINCH) as signal(7) says.</summary>
    Default,

    /// <summary>Ignores it; kept across exec and by children.</summary>
    Ignore,

    /// <summary>Queues it for the program, which takes it with <see cref="Process.TryTakeSignal"/>; default again after exec.</summary>
    Handle,
}

/// <summary>How a process ended: by itself or by a signal.</summary>
/// <param name="Code">The exit status 0–255, or the signal's number.</param>
/// <param name="Signalled">Whether a signal ended it.</param>
public readonly record struct ExitStatus(int Code, bool Signalled)
{
    /// <summary>The status as a shell shows it in $?: 128 + the signal's number after a signal.</summary>
    public int ShellStatus => Signalled ? 128 + Code : Code;
}
