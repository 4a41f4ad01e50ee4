using System.CommandLine;

namespace Warden.Spec.Cli;

/// <summary>
/// What the executables' command lines share: <c>repl</c>, and the one-shot form <c>[--socket PATH] … -- COMMAND …</c>.
/// </summary>
public static class ClientCommands
{
    /// <summary>Makes the command <c>repl</c>.</summary>
    /// <param name="rootSocket">The executable's own <c>--socket</c>, which counts where it stands before <c>repl</c>.</param>
    public static Command MakeRepl(Option<string?>? rootSocket = null)
    {
        var (socket, trace, exitOnError) = MakeOptions();
        var repl = new Command("repl", "Type commands to a server.") { socket, trace, exitOnError };
        repl.SetAction((result, cancellationToken) =>
        {
            var options = Read(result, socket, trace, exitOnError);
            if (rootSocket is not null && result.GetResult(socket) is null or { Implicit: true } && result.GetValue(rootSocket) is { } path)
            {
                options = options with { Socket = path };
            }

            return WardenCommandLine.RunReplAsync(options, cancellationToken);
        });
        return repl;
    }

    /// <summary>
    /// Runs the one-shot form when the arguments are it: when <c>--</c> stands before any of the executable's own commands.
    /// </summary>
    /// <param name="arguments">The process's arguments.</param>
    /// <param name="commands">The executable's own commands.</param>
    /// <returns>The exit status, or null when the arguments are something else.</returns>
    public static async Task<int?> TryRunOneShotAsync(string[] arguments, IReadOnlyCollection<string> commands)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        ArgumentNullException.ThrowIfNull(commands);
        var end = Array.IndexOf(arguments, "--");
        if (end < 0 || arguments.Take(end).Any(commands.Contains))
        {
            return null;
        }

        var (socket, trace, exitOnError) = MakeOptions();
        var parsed = new RootCommand { socket, trace, exitOnError }.Parse(arguments[..end]);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync(error.Message).ConfigureAwait(false);
            }

            return 1;
        }

        return await WardenCommandLine.RunOneShotAsync(Read(parsed, socket, trace, exitOnError), arguments[(end + 1)..]).ConfigureAwait(false);
    }

    private static (Option<string> Socket, Option<bool> Trace, Option<bool> ExitOnError) MakeOptions() =>
        (WardenCommandLine.SocketOption(), WardenCommandLine.TraceOption(), WardenCommandLine.ExitOnErrorOption());

    private static ReplOptions Read(ParseResult result, Option<string> socket, Option<bool> trace, Option<bool> exitOnError) => new()
    {
        Socket = result.GetRequiredValue(socket),
        Trace = result.GetValue(trace),
        ExitOnError = result.GetValue(exitOnError),
    };
}
