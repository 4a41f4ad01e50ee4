namespace Warden.Emulator.Shell.Syntax;

/// <summary>A script that does not parse.</summary>
/// <param name="line">The line that bash names.</param>
/// <param name="message">What follows the line's number.</param>
/// <param name="echo">The line of the script that bash shows after it; null for none.</param>
internal sealed class SyntaxErrorException(int line, string message, string? echo) : Exception(message)
{
    public int Line { get; } = line;

    public string? Echo { get; } = echo;

    /// <summary>The exit status; null leaves it as it was.</summary>
    public int? Status { get; init; } = 2;
}
