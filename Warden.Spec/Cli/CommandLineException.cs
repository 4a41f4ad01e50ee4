namespace Warden.Spec.Cli;

/// <summary>A command was typed in a way that cannot be carried out; the message tells its user why.</summary>
internal sealed class CommandLineException(string message) : Exception(message);
