using Warden.Spec.Client;

namespace Warden.Spec.Cli;

/// <summary>What the command line works with. What is not set is the process's own.</summary>
public sealed record ReplOptions
{
    /// <summary>The server: the path of a Unix socket, or HOST:PORT; see <see cref="WardenEndpoint.Parse"/>.</summary>
    public string Socket { get; init; } = WardenEndpoint.DefaultSocketPath;

    /// <summary>Print each command first, behind <c>+ </c>.</summary>
    public bool Trace { get; init; }

    /// <summary>Leave after the first command that fails, with its status.</summary>
    public bool ExitOnError { get; init; }

    /// <summary>Where commands are read from, a line each; null means the standard input, with line editing where that is a terminal.</summary>
    public TextReader? Input { get; init; }

    /// <summary>Where answers go, and what jobs print; null means the standard output.</summary>
    public Stream? Output { get; init; }

    /// <summary>Where errors go, and what jobs print to their standard error; null means the standard error.</summary>
    public Stream? Error { get; init; }

    /// <summary>
    /// The file that keeps the lines typed at a terminal; null means $WARDEN_HISTORY, else ~/.warden_history.
    /// </summary>
    public string? HistoryPath { get; init; }
}
