namespace Warden.Emulator.Programs;

public sealed partial class ProgramTable
{
    /// <summary>The built-in programs. Each is named here, so that ahead-of-time compilation keeps it.</summary>
    public static IReadOnlyList<EmulatedProgram> BuiltIn { get; } =
    [
        // Files
        new Cat(), new Ls(), new Ls("dir"), new Mkdir(), new Rmdir(), new Rm(), new Cp(), new Mv(), new Ln(), new Touch(), new Chmod(),
        new Chown("chown"), new Chown("chgrp"), new Readlink(), new Realpath(), new Basename(), new Dirname(), new Pwd(), new Mktemp(),
        new Truncate(), new Fallocate(),

        // Text
        new Echo(), new Printf(),

        // Processes
        new ExitProgram("true", 0), new ExitProgram("false", 1),
    ];
}
