namespace Warden.Emulator.Programs;

public sealed partial class ProgramTable
{
    /// <summary>The built-in programs. Each is named here, so that ahead-of-time compilation keeps it.</summary>
    public static IReadOnlyList<EmulatedProgram> BuiltIn { get; } =
    [
        // Basics
        new ExitProgram("true", 0), new ExitProgram("false", 1),
    ];
}
