using System.Text;
using Google.Protobuf;
using Warden.Spec.Client;
using Warden.Spec.Client.V1;
using Warden.Spec.Commands;
using Warden.Spec.Protocol;

namespace Warden.Spec.Cli;

/// <summary>Carries out a command that was typed, in either syntax, and prints its answer.</summary>
/// <param name="client">The server.</param>
/// <param name="streams">Where answers go.</param>
/// <param name="tellsStatus">Whether a job's status is printed when it is not 0: a prompt has no exit status that would tell it.</param>
internal sealed class CommandRunner(WardenClient client, ReplStreams streams, bool tellsStatus = false)
{
    internal const int Failed = 1;

    /// <summary>Carries a command out; its failure is printed, not thrown.</summary>
    /// <param name="words">The command's name and what follows it.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>0, the status of the job that was run, or 1 for a failure.</returns>
    /// <exception cref="OperationCanceledException">Cancelled; the server may go on with what it was asked.</exception>
    internal async Task<int> RunAsync(IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        try
        {
            return words[0] is "help" or FlagFields.HelpFlag ? await HelpAsync(words, cancellationToken).ConfigureAwait(false)
                : IsFlagSyntax(words) ? await RunFlagsAsync(words, cancellationToken).ConfigureAwait(false)
                : await RunPositionalAsync(words, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is WardenErrorException or WardenConnectionException or CommandLineException or ArgumentException)
        {
            await streams.WriteErrorLineAsync($"error: {error.Message}", cancellationToken).ConfigureAwait(false);
            return Failed;
        }
    }

    private static bool IsFlagSyntax(IReadOnlyList<string> words) =>
        words.Count > 1 && words[1].StartsWith(FlagFields.Prefix, StringComparison.Ordinal) && words[0] != "echo"
        || words.Count > 1 && words[0] == "echo" && IsEchoFlag(words[1])
        || (!PositionalSyntax.Commands.ContainsKey(words[0]) && CommandCatalogue.Find(words[0]) is not null);

    // Any text may be echoed; only what is a flag of echo is one.
    private static bool IsEchoFlag(string word) =>
        word is FlagFields.HelpFlag or "--message" || word.StartsWith("--message=", StringComparison.Ordinal);

    private async Task<int> HelpAsync(IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        await streams.WriteAsync(words.Count > 1 ? CommandHelp.Of(words[1]) : CommandHelp.All(), cancellationToken).ConfigureAwait(false);
        return 0;
    }

    private async Task<int> RunFlagsAsync(IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        string[] flags = [.. words.Skip(1)];
        if (flags is [FlagFields.HelpFlag, ..])
        {
            await streams.WriteAsync(CommandHelp.Of(words[0]), cancellationToken).ConfigureAwait(false);
            return 0;
        }

        CommandRow row = CommandCatalogue.Find(words[0]) ?? throw new CommandLineException($"unknown command: {words[0]}");
        IMessage request = FlagFields.Parse(row, flags);
        if (request is StreamRequest stream)
        {
            await foreach (StreamResponse answer in client.StreamAsync(stream, cancellationToken).ConfigureAwait(false))
            {
                await streams.WriteAsync(FieldLines.Of(answer), cancellationToken).ConfigureAwait(false);
            }

            return 0;
        }

        IMessage response = await client.CallAsync(row, request, cancellationToken).ConfigureAwait(false);
        await streams.WriteAsync(FieldLines.Of(response), cancellationToken).ConfigureAwait(false);
        return response is RunResponse run ? (int)run.ExitStatus : 0;
    }

    private async Task<int> RunPositionalAsync(IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        V1Call call = V1Commands.Parse(PositionalSyntax.Fold(words), Encoding.UTF8);
        switch (call.Request)
        {
            case RunRequest run:
                SpawnRequest spawn = new() { Handle = run.Handle, Script = run.Script };
                uint job = await client.SpawnAsync(spawn, cancellationToken).ConfigureAwait(false);
                return await FollowRunAsync(new StreamRequest { Handle = run.Handle, JobId = job }, cancellationToken).ConfigureAwait(false);

            case StreamRequest stream:
                await FollowAsync(stream, cancellationToken).ConfigureAwait(false);
                return 0;
        }

        IMessage response = await client.CallAsync(call.Row, call.Request, cancellationToken).ConfigureAwait(false);
        switch (response)
        {
            case LinkResponse link:
                await PrintAsync(link, cancellationToken).ConfigureAwait(false);
                break;
            case InfoResponse or NetInResponse:
                await streams.WriteAsync(FieldLines.Of(response), cancellationToken).ConfigureAwait(false);
                break;
            case EchoResponse echo:
                await streams.WriteAsync(echo.Message.Memory, cancellationToken).ConfigureAwait(false);
                await streams.WriteLineAsync(string.Empty, cancellationToken).ConfigureAwait(false);
                break;
            case ListResponse list:
                await streams.WriteAsync(string.Concat(list.Handles.Select(static handle => handle.ToStringUtf8() + "\n")), cancellationToken).ConfigureAwait(false);
                break;
            default:
                if (call.Convert(response) is { } value)
                {
                    await streams.WriteLineAsync($"{value}", cancellationToken).ConfigureAwait(false);
                }

                break;
        }

        return 0;
    }

    private async Task<int> FollowRunAsync(StreamRequest request, CancellationToken cancellationToken)
    {
        try
        {
            int status = await FollowAsync(request, cancellationToken).ConfigureAwait(false);
            if (status != 0 && tellsStatus)
            {
                await streams.WriteErrorLineAsync($"exit status: {status}", cancellationToken).ConfigureAwait(false);
            }

            return status;
        }
        catch (OperationCanceledException)
        {
            await streams.WriteErrorLineAsync($"job {request.JobId} goes on", CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    private async Task<int> FollowAsync(StreamRequest request, CancellationToken cancellationToken)
    {
        int status = 0;
        await foreach (StreamResponse answer in client.StreamAsync(request, cancellationToken).ConfigureAwait(false))
        {
            if (answer.HasExitStatus)
            {
                status = (int)answer.ExitStatus;
            }
            else if (answer.Name == "stderr")
            {
                await streams.WriteErrorAsync(answer.Data.Memory, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await streams.WriteAsync(answer.Data.Memory, cancellationToken).ConfigureAwait(false);
            }
        }

        return status;
    }

    private async Task PrintAsync(LinkResponse link, CancellationToken cancellationToken)
    {
        await streams.WriteLineAsync($"exit status: {link.ExitStatus}", cancellationToken).ConfigureAwait(false);
        await PrintAsync("stdout:", link.Stdout, cancellationToken).ConfigureAwait(false);
        await PrintAsync("stderr:", link.Stderr, cancellationToken).ConfigureAwait(false);
    }

    // The text begins on its own line and the next heading too, whether or not the text ends in a line feed.
    private async Task PrintAsync(string heading, ByteString text, CancellationToken cancellationToken)
    {
        await streams.WriteLineAsync(heading, cancellationToken).ConfigureAwait(false);
        if (!text.IsEmpty)
        {
            await streams.WriteAsync(text.Memory, cancellationToken).ConfigureAwait(false);
            if (text[^1] != '\n')
            {
                await streams.WriteLineAsync(string.Empty, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
