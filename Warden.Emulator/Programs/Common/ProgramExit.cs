namespace Warden.Emulator.Programs;

/// <summary>Ends a program with a status from within; its messages have been said before.</summary>
internal sealed class ProgramExit(int status) : Exception
{
    public int Status { get; } = status;
}
