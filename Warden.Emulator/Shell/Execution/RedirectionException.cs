namespace Warden.Emulator.Shell.Execution;

/// <summary>A redirection that cannot be made; the message is all that bash prints after the line.</summary>
internal sealed class RedirectionException(string message) : Exception(message);
