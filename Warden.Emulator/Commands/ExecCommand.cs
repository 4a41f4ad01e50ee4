using System.Runtime.InteropServices;
using Warden.Spec.Client;

namespace Warden.Emulator.Commands;

/// <summary>
/// <c>warden-emulator exec SCRIPT</c>: an emulator of its own, a container, the script in it; its output as it comes, its status, and
/// nothing left.
/// </summary>
internal static class ExecCommand
{
    private const int Interrupted = 130;

    public static async Task<int> RunAsync(string script, bool privileged, CancellationToken cancellationToken)
    {
        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        void Interrupt(PosixSignalContext context)
        {
            context.Cancel = true;
            interrupt.Cancel();
        }

        using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
        try
        {
            return await RunInEmulatorAsync(script, privileged, interrupt.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return Interrupted;
        }
        catch (Exception e) when (e is WardenErrorException or WardenConnectionException or IOException)
        {
            await Console.Error.WriteLineAsync($"warden-emulator: {e.Message}").ConfigureAwait(false);
            return 1;
        }
    }

    private static async Task<int> RunInEmulatorAsync(string script, bool privileged, CancellationToken cancellationToken)
    {
        await using var warden = await WardenEmulator.StartAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        var handle = await warden.Client.CreateAsync(cancellationToken).ConfigureAwait(false);
        var options = new JobOptions { Privileged = privileged };
        var job = await warden.Client.SpawnAsync(handle, script, options, cancellationToken).ConfigureAwait(false);

        using var stdout = Console.OpenStandardOutput();
        using var stderr = Console.OpenStandardError();
        var status = 255;
        await foreach (var part in warden.Client.StreamAsync(handle, job, cancellationToken).ConfigureAwait(false))
        {
            if (part.HasData)
            {
                var output = part.Name == "stderr" ? stderr : stdout;
                await output.WriteAsync(part.Data.Memory, cancellationToken).ConfigureAwait(false);
                await output.FlushAsync(cancellationToken).ConfigureAwait(false);
            }

            if (part.HasExitStatus)
            {
                status = (int)part.ExitStatus;
            }
        }

        return status;
    }
}
