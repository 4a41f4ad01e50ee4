using Warden.Spec.Server;
using Warden.Spec.Server.Hosting;

namespace Warden.Emulator.Commands;

/// <summary><c>warden-emulator serve</c>: answers until a signal; supervised, until its standard input ends.</summary>
internal static class ServeCommand
{
    public static async Task<int> RunAsync(WardenEmulatorOptions options, bool supervised, CancellationToken cancellationToken)
    {
        var drainAsked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var signals = DrainSignal.RegisterAll(() => drainAsked.TrySetResult());
        await using var warden = await WardenEmulator.StartAsync(options, cancellationToken).ConfigureAwait(false);
        Announce(warden);
        var drain = drainAsked.Task;
        if (supervised)
        {
            // Console.In blocks its caller until a line comes, also when it is asked to read asynchronously.
            var supervision = Task.Run(() => SuperviseAsync(warden, Console.In), cancellationToken);
            await (await Task.WhenAny(drain, supervision).ConfigureAwait(false)).ConfigureAwait(false);
        }
        else
        {
            await drain.ConfigureAwait(false);
        }

        await warden.StopServerAsync(crash: false).ConfigureAwait(false);
        return 0;
    }

    /// <summary>Does what the lines say; ends with the input.</summary>
    internal static async Task SuperviseAsync(WardenEmulator warden, TextReader input)
    {
        while (await input.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            switch (line.Trim())
            {
                case "drain":
                    await warden.StopServerAsync(crash: false).ConfigureAwait(false);
                    break;
                case "crash":
                    await warden.StopServerAsync(crash: true).ConfigureAwait(false);
                    break;
                case "start":
                    await warden.StartServerAsync(CancellationToken.None).ConfigureAwait(false);
                    Announce(warden);
                    break;
                case "":
                    break;
                default:
                    await Console.Error.WriteLineAsync($"warden-emulator: '{line}' is none of drain, crash, start.").ConfigureAwait(false);
                    break;
            }
        }
    }

    private static void Announce(WardenEmulator warden) => ReadyLine.Write(Console.Out, warden.SocketPath, warden.TcpEndPoint);
}
