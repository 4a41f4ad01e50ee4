namespace Warden.Spec.Server.Configuration;

/// <summary>
/// A configuration that refuses the start (protocol.md §6). The message has one line a problem:
/// <c>FILE:LINE: PATH: expected …, found …</c>.
/// </summary>
public sealed class ConfigurationException : Exception
{
    /// <summary>Creates the failure.</summary>
    /// <param name="problems">What is wrong, one line each.</param>
    /// <param name="innerException">The cause, if there is one.</param>
    public ConfigurationException(IReadOnlyList<string> problems, Exception? innerException = null)
        : base(string.Join('\n', problems), innerException) => Problems = problems;

    /// <summary>What is wrong, one line each.</summary>
    public IReadOnlyList<string> Problems { get; }
}
