namespace Warden.Emulator.Shell.Expansion;

/// <summary>An arithmetic expression that cannot be evaluated; the message is bash's without its prefix.</summary>
internal sealed class ArithmeticErrorException(string message) : Exception(message);
