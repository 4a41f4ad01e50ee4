using System.Runtime.InteropServices;
using Warden.Spec.Client;

namespace Warden.Spec.Cli;

/// <summary>Reads commands and carries them out, one after the other, until the input ends.</summary>
internal sealed class Repl(WardenClient client, ReplStreams streams, ReplOptions options) : IAsyncDisposable
{
    internal const string Prompt = "warden> ";

    private WardenClient _client = client;
    private volatile CancellationTokenSource? _running;

    /// <summary>The handles that the server has.</summary>
    internal Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) => _client.ListAsync(cancellationToken);

    /// <summary>Ends the command that runs, as Ctrl-C does.</summary>
    internal void Interrupt()
    {
        try
        {
            _running?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The command has just ended by itself.
        }
    }

    internal async Task<int> RunAsync(ILineSource lines, bool interruptible, CancellationToken cancellationToken)
    {
        using PosixSignalRegistration? signal = interruptible
            ? PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
            {
                context.Cancel = true;
                Interrupt();
            })
            : null;
        while (await lines.ReadAsync(Prompt, cancellationToken).ConfigureAwait(false) is { } line)
        {
            line = line.Trim();
            if (line is "exit" or "quit")
            {
                break;
            }

            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            int status = await RunLineAsync(line, cancellationToken).ConfigureAwait(false);
            if (status != 0 && options.ExitOnError)
            {
                return status;
            }
        }

        return 0;
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private async Task<int> RunLineAsync(string line, CancellationToken cancellationToken)
    {
        if (options.Trace)
        {
            await streams.WriteLineAsync($"+ {line}", cancellationToken).ConfigureAwait(false);
        }

        List<string> words;
        try
        {
            words = CommandWords.Split(line);
        }
        catch (CommandLineException error)
        {
            await streams.WriteErrorLineAsync($"error: {error.Message}", cancellationToken).ConfigureAwait(false);
            return CommandRunner.Failed;
        }

        using CancellationTokenSource running = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _running = running;
        try
        {
            return await new CommandRunner(_client, streams, tellsStatus: true).RunAsync(words, running.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await ReplaceClientAsync(cancellationToken).ConfigureAwait(false);
            await streams.WriteErrorLineAsync("interrupted", cancellationToken).ConfigureAwait(false);
            return CommandRunner.Failed;
        }
        finally
        {
            _running = null;
        }
    }

    /// <summary>
    /// Leaves the connection on which the interrupted request is still under way: the next command would wait for it. The new one opens
    /// first, so that no container is without a reference in between.
    /// </summary>
    private async Task ReplaceClientAsync(CancellationToken cancellationToken)
    {
        WardenClient former = _client;
        _client = new WardenClient(former.Endpoint, former.Options);
        try
        {
            await _client.ConnectAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (WardenConnectionException)
        {
            // The next command says so.
        }

        await former.DisposeAsync().ConfigureAwait(false);
    }
}
