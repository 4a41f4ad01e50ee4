using System.CommandLine;
using System.Globalization;
using Warden.Spec.Capture;
using Warden.Spec.Client;
using Warden.Spec.Server;

namespace Warden.Spec.Cli;

/// <summary>
/// <c>capture</c>, which records a session with any server, and <c>replay</c>, which plays it to any server; shared by both executables.
/// </summary>
public static class CaptureCommands
{
    /// <summary>The exit status of a replay that could not be played; that of a divergence is 1.</summary>
    public const int Unplayable = 2;

    /// <summary>Makes the command <c>capture</c>.</summary>
    /// <param name="program">The executable's name.</param>
    /// <param name="rootSocket">The executable's own <c>--socket</c>, which counts where it stands before the command.</param>
    public static Command MakeCapture(string program, Option<string?> rootSocket)
    {
        var socket = SocketOption(WardenEndpoint.DefaultSocketPath);
        var listen = new Option<string>("--listen")
        {
            Description = "Where clients connect instead: the path of a Unix socket, or ADDRESS:PORT.",
            HelpName = "PATH|ADDRESS:PORT",
            Required = true,
        };
        var output = new Option<FileInfo>("--out") { Description = "The transcript; an existing file is replaced.", HelpName = "FILE", Required = true };
        var capture = new Command("capture", "Stand before a server and record its sessions, until a signal.") { socket, listen, output };
        capture.SetAction((result, cancellationToken) => ServerCommands.RunAsync(program, async () =>
        {
            using var interruption = new Interruption(cancellationToken);
            var listenAt = ParseEndpoint(result.GetRequiredValue(listen));
            await using var proxy = CaptureProxy.Start(new CaptureOptions
            {
                Server = ParseEndpoint(SocketOf(result, socket, rootSocket) ?? WardenEndpoint.DefaultSocketPath),
                Listen = listenAt,
                TranscriptPath = result.GetRequiredValue(output).FullName,
            });
            ReadyLine.Write(Console.Out, listenAt.ToString(), tcp: null);
            await Task.WhenAny(proxy.Completion, Task.Delay(Timeout.Infinite, interruption.Token)).ConfigureAwait(false);
            return 0;
        }));
        return capture;
    }

    /// <summary>Makes the command <c>replay</c>.</summary>
    /// <param name="program">The executable's name.</param>
    /// <param name="rootSocket">The executable's own <c>--socket</c>, which counts where it stands before the command.</param>
    /// <param name="startServer">
    /// Starts a server of the executable's own, for a replay without <c>--socket</c>, and says where it listens; null for the usual socket.
    /// </param>
    public static Command MakeReplay(
        string program, Option<string?> rootSocket, Func<CancellationToken, Task<(IAsyncDisposable Server, string Socket)>>? startServer = null)
    {
        var file = new Argument<FileInfo>("FILE") { Description = "A transcript that capture wrote." };
        var socket = SocketOption(startServer is null ? WardenEndpoint.DefaultSocketPath : "a fresh server of its own");
        var timings = new Option<bool>("--timings") { Description = "Wait between the client's steps as long as was recorded." };
        var timeout = new Option<double>("--timeout")
        {
            Description = "How much longer than recorded an answer may take.",
            HelpName = "SECONDS",
            DefaultValueFactory = static _ => 30,
        };
        timeout.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (> 0 and <= 1_000_000))
            {
                result.AddError("--timeout: expected more than 0 seconds and at most 1000000");
            }
        });
        var replay = new Command("replay", "Play a transcript to a server; the first divergence ends it with status 1.") { file, socket, timings, timeout };
        replay.SetAction((result, cancellationToken) => ServerCommands.RunAsync(
            program,
            async () =>
            {
                using var interruption = new Interruption(cancellationToken);
                var path = result.GetRequiredValue(file);
                var server = SocketOf(result, socket, rootSocket);
                var own = server is null && startServer is not null ? await startServer(interruption.Token).ConfigureAwait(false) : default;
                await using (own.Server)
                {
                    var replayed = await SessionReplay.RunAsync(
                        new ReplayOptions
                        {
                            TranscriptPath = path.FullName,
                            Server = ParseEndpoint(own.Socket ?? server ?? WardenEndpoint.DefaultSocketPath),
                            KeepTimings = result.GetValue(timings),
                            Timeout = TimeSpan.FromSeconds(result.GetValue(timeout)),
                        },
                        interruption.Token).ConfigureAwait(false);
                    return await TellAsync(path.ToString(), replayed).ConfigureAwait(false);
                }
            },
            Unplayable));
        return replay;
    }

    private static Option<string?> SocketOption(string otherwise) => new("--socket")
    {
        Description = $"The server: the path of a Unix socket, or HOST:PORT. Without it {otherwise}.",
        HelpName = "PATH|HOST:PORT",
    };

    private static string? SocketOf(ParseResult result, Option<string?> socket, Option<string?> rootSocket) =>
        result.GetValue(socket) ?? result.GetValue(rootSocket);

    private static async Task<int> TellAsync(string path, ReplayResult replayed)
    {
        if (replayed.Divergence is { } divergence)
        {
            await Console.Error.WriteLineAsync(divergence.Describe(path)).ConfigureAwait(false);
            return 1;
        }

        var torn = replayed.IsTorn ? "; the last line is torn, and was left out" : string.Empty;
        await Console.Out.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{path}: {replayed.Requests} requests, no divergence{torn}")).ConfigureAwait(false);
        return 0;
    }

    private static WardenEndpoint ParseEndpoint(string text)
    {
        try
        {
            return WardenEndpoint.Parse(text);
        }
        catch (FormatException e)
        {
            throw new WardenException(e.Message, e);
        }
    }
}
