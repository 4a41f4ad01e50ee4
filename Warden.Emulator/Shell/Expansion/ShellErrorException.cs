namespace Warden.Emulator.Shell.Expansion;

/// <summary>How far an error reaches.</summary>
internal enum ErrorReach
{
    /// <summary>The complete command is given up, and the script goes on after it.</summary>
    Discard,

    /// <summary>The shell ends.</summary>
    Exit,
}

/// <summary>A command that cannot go on, such as by a bad substitution.</summary>
/// <param name="message">What bash prints after the line's number; empty when it was printed.</param>
/// <param name="reach">How far it reaches.</param>
/// <param name="status">The exit status.</param>
internal sealed class ShellErrorException(string message, ErrorReach reach = ErrorReach.Discard, int status = 1) : Exception(message)
{
    public ErrorReach Reach { get; } = reach;

    public int Status { get; } = status;
}
