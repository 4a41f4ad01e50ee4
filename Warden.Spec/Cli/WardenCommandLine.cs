using System.CommandLine;
using Warden.Spec.Cli.Editing;
using Warden.Spec.Client;

namespace Warden.Spec.Cli;

/// <summary>The command line to a Warden server: one command, or a prompt for many (protocol.md §7).</summary>
public static class WardenCommandLine
{
    /// <summary>What a shell answers for a command that Ctrl-C ended: 128 and the number of SIGINT.</summary>
    private const int Interrupted = 130;

    /// <summary>Makes the option <c>--socket</c>.</summary>
    public static Option<string> SocketOption() => new("--socket")
    {
        Description = "The server: the path of a Unix socket, or HOST:PORT.",
        HelpName = "PATH|HOST:PORT",
        DefaultValueFactory = static _ => WardenEndpoint.DefaultSocketPath,
    };

    /// <summary>Makes the option <c>--trace</c>.</summary>
    public static Option<bool> TraceOption() => new("--trace")
    {
        Description = "Print each command first, behind '+ '.",
    };

    /// <summary>Makes the option <c>--exit_on_error</c>.</summary>
    public static Option<bool> ExitOnErrorOption() => new("--exit_on_error")
    {
        Description = "Leave after the first command that fails, with its status.",
    };

    /// <summary>Carries out one command.</summary>
    /// <param name="options">What it works with.</param>
    /// <param name="words">The command's name and what follows it.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The exit status: for run the job's, else 0, or 1 for a failure.</returns>
    public static async Task<int> RunOneShotAsync(
        ReplOptions options,
        IReadOnlyList<string> words,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(words);
        ReplStreams streams = Streams(options);
        if (words.Count == 0)
        {
            await streams.WriteErrorLineAsync("error: no command", cancellationToken).ConfigureAwait(false);
            return CommandRunner.Failed;
        }

        if (await ConnectAsync(options, streams).ConfigureAwait(false) is not { } client)
        {
            return CommandRunner.Failed;
        }

        await using (client)
        {
            if (options.Trace)
            {
                await streams.WriteLineAsync($"+ {CommandWords.Join(words)}", cancellationToken).ConfigureAwait(false);
            }

            try
            {
                return await new CommandRunner(client, streams).RunAsync(words, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return Interrupted;
            }
        }
    }

    /// <summary>Carries out commands until the input ends.</summary>
    /// <param name="options">What it works with.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>0; with <see cref="ReplOptions.ExitOnError"/> the status of the command that failed.</returns>
    public static async Task<int> RunReplAsync(ReplOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ReplStreams streams = Streams(options);
        if (await ConnectAsync(options, streams).ConfigureAwait(false) is not { } client)
        {
            return CommandRunner.Failed;
        }

        bool isTerminal = options.Input is null && options.Output is null && ConsoleTerminal.IsAvailable;
        await using Repl repl = new(client, streams, options);
        ILineSource lines = isTerminal
            ? new EditedLines(new LineEditor(
                new ConsoleTerminal(),
                new LineHistory(options.HistoryPath ?? LineHistory.DefaultPath()),
                new CommandCompleter(repl.ListAsync)))
            : new PlainLines(options.Input ?? Console.In);
        return await repl.RunAsync(lines, interruptible: isTerminal, cancellationToken).ConfigureAwait(false);
    }

    private static ReplStreams Streams(ReplOptions options) =>
        new(options.Output ?? Console.OpenStandardOutput(), options.Error ?? Console.OpenStandardError());

    private static async Task<WardenClient?> ConnectAsync(ReplOptions options, ReplStreams streams)
    {
        try
        {
            return new WardenClient(options.Socket);
        }
        catch (FormatException error)
        {
            await streams.WriteErrorLineAsync($"error: {error.Message}").ConfigureAwait(false);
            return null;
        }
    }
}
